package io.nioring.consumer.sockets;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nioring.consumer.Wire;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * Work on several connections of a driver that are open at once; where the server is a fake, texts
 * that come back.
 */
final class DriverWork {
  static final int CONNECTIONS = 10;
  static final int LARGE = 500_000;
  private static final String QUERY = "select '";

  private DriverWork() {}

  /** Whether a statement is one of these queries. */
  static boolean isQuery(String statement) {
    return statement.startsWith(QUERY);
  }

  /** The text that a query asks for. */
  static String literal(String query) {
    return query.substring(QUERY.length(), query.length() - 1);
  }

  /** What is done on connections. */
  @FunctionalInterface
  interface Work {
    void run(List<Connection> connections) throws SQLException;
  }

  /** Opens several connections and asks on each for texts, a large one among them. */
  static void of(String url, String user, String password) throws Exception {
    on(url, user, password, DriverWork::askForTexts);
  }

  /** Opens several connections and works on them, which moves a large value there and back. */
  static void on(String url, String user, String password, Work work) throws Exception {
    List<Connection> connections = new ArrayList<>();
    try (Wire wire = Wire.watch()) {
      for (int i = 0; i < CONNECTIONS; i++) {
        connections.add(DriverManager.getConnection(url, user, password));
      }
      work.run(connections);
      wire.ringsCarried(CONNECTIONS, 2L * LARGE);
      for (Connection connection : connections) {
        connection.close();
      }
    }
  }

  private static void askForTexts(List<Connection> connections) throws SQLException {
    for (int i = 0; i < CONNECTIONS; i++) {
      assertEcho(connections.get(i), "no" + i);
    }
    assertEcho(connections.get(0), "x".repeat(LARGE));
  }

  private static void assertEcho(Connection connection, String text) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(QUERY + text + "'")) {
      assertTrue(rows.next());
      assertEquals(text, rows.getString(1));
    }
  }
}
