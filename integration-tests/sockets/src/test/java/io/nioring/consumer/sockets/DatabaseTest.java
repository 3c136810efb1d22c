package io.nioring.consumer.sockets;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nioring.consumer.FreePort;
import io.nioring.consumer.Loopback;
import io.nioring.consumer.Payload;
import io.nioring.consumer.TemporaryDirectory;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.derby.drda.NetworkServerControl;
import org.junit.jupiter.api.Test;

/** Database servers in Java and their drivers. */
class DatabaseTest {
  private static final long DEADLINE_SECONDS = 60;

  /** Derby's driver finds no port after an IPv6 address. */
  private static final String IPV4 = "127.0.0.1";

  @Test
  void h2() throws Exception {
    System.setProperty("h2.bindAddress", Loopback.HOST);
    org.h2.tools.Server server =
        org.h2.tools.Server.createTcpServer("-tcpPort", "0", "-ifNotExists").start();
    try {
      work(
          "jdbc:h2:tcp://" + Loopback.URL_HOST + ":" + server.getPort() + "/mem:test",
          "sa",
          "",
          "blob");
    } finally {
      server.stop();
    }
  }

  @Test
  void hsqldb() throws Exception {
    org.hsqldb.server.Server server = new org.hsqldb.server.Server();
    server.setAddress(Loopback.HOST);
    server.setPort(FreePort.find());
    server.setDatabaseName(0, "test");
    server.setDatabasePath(0, "mem:test");
    server.setSilent(true);
    server.setLogWriter(null);
    server.setErrWriter(null);
    server.start();
    try {
      work(
          "jdbc:hsqldb:hsql://" + Loopback.URL_HOST + ":" + server.getPort() + "/test",
          "SA",
          "",
          "longvarbinary");
    } finally {
      server.stop();
    }
  }

  @Test
  void derby() throws Exception {
    String directory = TemporaryDirectory.make().toString();
    System.setProperty("derby.system.home", directory);
    int port = FreePort.find();
    NetworkServerControl server = new NetworkServerControl(InetAddress.getByName(IPV4), port);
    server.start(new PrintWriter(OutputStream.nullOutputStream()));
    awaitPing(server);
    try {
      work(
          "jdbc:derby://" + IPV4 + ":" + port + "/memory:test;create=true",
          "app",
          "secret",
          "blob");
    } finally {
      server.shutdown();
    }
  }

  private static void awaitPing(NetworkServerControl server) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
    while (!answersPing(server)) {
      assertTrue(System.nanoTime() < deadline, "no server");
      Thread.sleep(20);
    }
  }

  private static boolean answersPing(NetworkServerControl server) {
    try {
      server.ping();
      return true;
    } catch (Exception e) {
      return false; // it is still starting
    }
  }

  private static void work(String url, String user, String password, String binary)
      throws Exception {
    DriverWork.on(url, user, password, connections -> writeAndRead(connections, binary));
  }

  /** Writes and reads rows, small and large. */
  private static void writeAndRead(List<Connection> connections, String binary)
      throws SQLException {
    try (Statement statement = connections.get(0).createStatement()) {
      statement.execute("create table things (id int primary key, bytes " + binary + ")");
    }
    for (int i = 0; i < DriverWork.CONNECTIONS; i++) {
      write(connections.get(i), i, size(i));
    }
    for (int i = 0; i < DriverWork.CONNECTIONS; i++) {
      assertRow(connections.get(DriverWork.CONNECTIONS - 1 - i), i, size(i));
    }
  }

  private static int size(int id) {
    return id == 0 ? DriverWork.LARGE : id;
  }

  private static void write(Connection connection, int id, int size) throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement("insert into things values (?, ?)")) {
      insert.setInt(1, id);
      insert.setBytes(2, Payload.ofSize(size));
      assertEquals(1, insert.executeUpdate());
    }
  }

  private static void assertRow(Connection connection, int id, int size) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement("select bytes from things where id = ?")) {
      select.setInt(1, id);
      try (ResultSet rows = select.executeQuery()) {
        assertTrue(rows.next());
        assertEquals(
            Payload.checksum(Payload.ofSize(size)), Payload.checksum(rows.getBytes("bytes")));
      }
    }
  }
}
