package io.nioring.consumer.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.nioring.consumer.Waiting;
import io.nioring.junit.AllowLeaks;
import io.nioring.junit.RingNetworkExtension;
import io.nioring.simulation.Fault;
import io.nioring.simulation.RingHost;
import io.nioring.simulation.Simulation;
import io.nioring.simulation.SimulationConfig;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.h2.tools.Server;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** HikariCP in front of an H2 server whose connections break, fall silent, or end with its host. */
@Timeout(120)
@AllowLeaks // of H2: a socket that cannot be flushed is left to the collector
class PoolTest {
  /** H2 looks for itself at a loopback address, so its host has its own. */
  @RegisterExtension
  static final RingNetworkExtension NETWORK =
      RingNetworkExtension.with(SimulationConfig.builder().isolatedLoopback(true).build());

  private static final int PORT = 9092;
  private static final Duration LONGEST = Duration.ofSeconds(60);

  /** How long ago a connection may have been used that the pool hands out unchecked. */
  private static final String TRUST_MILLIS = "com.zaxxer.hikari.aliveBypassWindowMs";

  private RingHost client;
  private RingHost db;
  private Server server;

  /** One for each test: the server closes those that it knows when it stops. */
  private String database;

  @BeforeAll
  static void installSockets(Simulation sim) {
    sim.network().installSockets();
  }

  @BeforeEach
  void start(Simulation sim, TestInfo test) throws Exception {
    client = sim.host("client of " + test.getDisplayName());
    db = sim.host("db of " + test.getDisplayName());
    database = test.getTestMethod().orElseThrow().getName();
    serve();
  }

  @AfterEach
  void stop(Simulation sim) {
    server.stop();
    sim.heal();
  }

  private void serve() throws Exception {
    server =
        db.call(
            () ->
                Server.createTcpServer("-tcpPort", "" + PORT, "-tcpAllowOthers", "-ifNotExists")
                    .start());
  }

  /**
   * A pool of one connection.
   *
   * @param trustMillis how long ago a connection may have been used that is handed out unchecked
   */
  private HikariDataSource pool(long trustMillis) throws Exception {
    System.setProperty(TRUST_MILLIS, Long.toString(trustMillis));
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(
        "jdbc:h2:tcp://%s:%d/mem:%s;DB_CLOSE_DELAY=-1"
            .formatted(db.address().getHostAddress(), PORT, database));
    config.setMaximumPoolSize(1);
    config.setConnectionTimeout(LONGEST.toMillis());
    return client.call(() -> new HikariDataSource(config));
  }

  private static int ask(HikariDataSource pool) throws SQLException {
    try (Connection connection = pool.getConnection();
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery("VALUES 7")) {
      result.next();
      return result.getInt(1);
    }
  }

  @Test
  void aPoolThatTrustsItsConnectionsHandsOutADeadOne(Simulation sim) throws Exception {
    try (HikariDataSource pool = pool(LONGEST.toMillis())) {
      assertEquals(7, ask(pool));
      sim.link(client, db).reset();
      assertThrows(SQLException.class, () -> ask(pool));
      assertEquals(7, ask(pool)); // it has found out
    }
  }

  @Test
  void aPoolThatChecksThemReplacesADeadOne(Simulation sim) throws Exception {
    try (HikariDataSource pool = pool(0)) {
      assertEquals(7, ask(pool));
      sim.link(client, db).reset();
      assertEquals(7, ask(pool));
    }
  }

  @Test
  void aPoolConnectsAgainWhenTheServersHostIsBack() throws Exception {
    try (HikariDataSource pool = pool(0)) {
      assertEquals(7, ask(pool));
      db.kill();
      server.stop();
      serve();
      assertEquals(7, ask(pool));
      db.crash();
      server.stop();
      db.restart();
      serve();
      assertEquals(7, ask(pool));
    }
  }

  /** H2's driver has no time limit for reads, so that the pool's check of a connection has none. */
  @Test
  void aSilentServerKeepsThePoolsCheckWaiting(Simulation sim) throws Exception {
    try (HikariDataSource pool = pool(0)) {
      assertEquals(7, ask(pool));
      Fault silence = sim.faults().from(client).to(db, PORT).halfOpen().install();
      Future<Integer> asking = client.executor().submit(() -> ask(pool));
      Waiting.until(
          "the check is on its way", LONGEST, () -> !sim.link(client, db).inFlight().isEmpty());
      assertFalse(asking.isDone());
      silence.close();
      assertEquals(7, asking.get(LONGEST.toSeconds(), TimeUnit.SECONDS));
      assertTrue(silence.timesFired() > 0);
    }
  }
}
