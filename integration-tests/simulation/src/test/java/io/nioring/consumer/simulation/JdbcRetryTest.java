package io.nioring.consumer.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nioring.junit.AllowLeaks;
import io.nioring.junit.RingNetworkExtension;
import io.nioring.simulation.Fault;
import io.nioring.simulation.FaultBuilder;
import io.nioring.simulation.RingHost;
import io.nioring.simulation.Simulation;
import io.nioring.simulation.SimulationConfig;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.h2.tools.Server;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Clients of a database that try again when their connection breaks: one orders twice if that
 * happens between the commit and its answer, one never does. The connection is broken after each so
 * many of the bytes that pass, in both directions.
 */
@Timeout(120)
@AllowLeaks // of H2: where flushing a broken connection fails, its socket is left to the collector
class JdbcRetryTest {
  /** The server looks for itself at a loopback address, so its host has its own. */
  @RegisterExtension
  static final RingNetworkExtension NETWORK =
      RingNetworkExtension.with(SimulationConfig.builder().isolatedLoopback(true).build());

  /** How many bytes further each break is; the commit's answer and what follows has 20. */
  private static final int STEP = Integer.getInteger("retry.step", 7);

  private static final int PORT = 9092;
  private static final int TRIES = 3;
  private static final String DUPLICATE_KEY = "23505";
  private static final String HERE = "jdbc:h2:mem:shop;DB_CLOSE_DELAY=-1";

  private static Server server;
  private static String url;

  @BeforeAll
  static void start() throws Exception {
    Simulation sim = NETWORK.simulation();
    sim.network().installSockets();
    RingHost db = sim.host("db");
    server =
        db.call(() -> Server.createTcpServer("-tcpPort", "" + PORT, "-tcpAllowOthers").start());
    url = "jdbc:h2:tcp://" + db.address().getHostAddress() + ":" + PORT + "/mem:shop";
    try (Connection connection = DriverManager.getConnection(HERE);
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE orders (item VARCHAR, request VARCHAR UNIQUE)");
    }
  }

  @AfterAll
  static void stop() {
    server.stop();
  }

  private static int orders(String item) throws SQLException {
    try (Connection connection = DriverManager.getConnection(HERE);
        PreparedStatement count =
            connection.prepareStatement("SELECT COUNT(*) FROM orders WHERE item = ?")) {
      count.setString(1, item);
      try (ResultSet result = count.executeQuery()) {
        result.next();
        return result.getInt(1);
      }
    }
  }

  /** Inserts an order in a transaction. */
  private static void insert(String item, String request) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url)) {
      connection.setAutoCommit(false);
      try (PreparedStatement insert =
          connection.prepareStatement("INSERT INTO orders VALUES (?, ?)")) {
        insert.setString(1, item);
        insert.setString(2, request);
        insert.executeUpdate();
      }
      connection.commit();
    }
  }

  /**
   * Orders, and tries again when that fails.
   *
   * @param request says which order it is, so that it is known when it comes again; or null
   * @return how many tries it took
   */
  private static int order(String item, String request) throws SQLException {
    SQLException failure = null;
    for (int i = 1; i <= TRIES; i++) {
      try {
        insert(item, request);
        return i;
      } catch (SQLException e) {
        if (DUPLICATE_KEY.equals(e.getSQLState())) {
          return i; // a try before was done, though nobody heard of it
        }
        failure = e;
      }
    }
    throw failure;
  }

  /**
   * Breaks the first connection after no byte, a {@link #STEP} of bytes, two and so on, until an
   * order needs no second try.
   *
   * @param name what the clients are called
   * @param direction chooses whose bytes are counted
   * @param withKey whether the client says which order it is
   * @return how often each order was taken
   */
  private static List<Integer> breakAfterEachByte(
      Simulation sim, String name, UnaryOperator<FaultBuilder> direction, boolean withKey)
      throws Exception {
    List<Integer> taken = new ArrayList<>();
    for (int tries = 0, bytes = 0; tries != 1; bytes += STEP) {
      String item = name + bytes;
      RingHost client = sim.host(item); // a new one: its first connection is the one that breaks
      try (Fault reset =
          direction
              .apply(sim.faults().from(client).to(sim.host("db"), PORT).connection(1))
              .resetAfterBytes(bytes)
              .install()) {
        assertTrue(reset.isActive());
        tries = client.call(() -> order(item, withKey ? item : null));
      }
      taken.add(orders(item));
    }
    return taken;
  }

  @Test
  void aRetryWithoutAKeyOrdersTwiceWhereTheAnswerIsLost(Simulation sim) throws Exception {
    List<Integer> taken = breakAfterEachByte(sim, "hasty", FaultBuilder::downstream, false);
    int firstTwice = taken.indexOf(2);
    assertTrue(firstTwice > 0, taken::toString);
    // Before the commit's answer nothing is done; then all is, till the last byte of the farewell.
    assertEquals(Set.of(1), Set.copyOf(taken.subList(0, firstTwice)), taken::toString);
    assertEquals(
        Set.of(2), Set.copyOf(taken.subList(firstTwice, taken.size() - 1)), taken::toString);
  }

  @Test
  void aRetryWithAKeyOrdersOnceWhereverAnAnswerIsCut(Simulation sim) throws Exception {
    List<Integer> taken = breakAfterEachByte(sim, "answered", FaultBuilder::downstream, true);
    assertEquals(Set.of(1), Set.copyOf(taken), taken::toString);
  }

  @Test
  void aRetryWithAKeyOrdersOnceWhereverARequestIsCut(Simulation sim) throws Exception {
    List<Integer> taken = breakAfterEachByte(sim, "asking", FaultBuilder::upstream, true);
    assertEquals(Set.of(1), Set.copyOf(taken), taken::toString);
  }
}
