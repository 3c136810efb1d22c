package io.nioring.programs;

import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.h2.tools.Server;

/** An H2 server, and a client that asks it by JDBC: plain sockets and blocking threads. */
final class JdbcStatements implements Program.Session {
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Server server;
  private final Connection connection;
  private final PreparedStatement query;

  private JdbcStatements() throws SQLException {
    server = Server.createTcpServer("-tcpPort", "0", "-ifNotExists").start();
    connection =
        DriverManager.getConnection(
            "jdbc:h2:tcp://127.0.0.1:" + server.getPort() + "/mem:programs", "sa", "");
    query = connection.prepareStatement("SELECT CAST(? AS INTEGER) + 1");
  }

  static Program.Session open() throws SQLException {
    return new JdbcStatements();
  }

  @Override
  public void run(Budget budget) throws Exception {
    Blocking.run(budget, threads, List.of(this::ask));
  }

  private Void ask() throws SQLException {
    query.setInt(1, 41);
    try (ResultSet answer = query.executeQuery()) {
      if (!answer.next() || answer.getInt(1) != 42) {
        throw new SQLException("a wrong answer");
      }
    }
    return null;
  }

  @Override
  public void close() throws IOException {
    try {
      connection.close();
    } catch (SQLException e) {
      throw new IOException(e);
    }
    server.stop();
    threads.shutdown();
  }
}
