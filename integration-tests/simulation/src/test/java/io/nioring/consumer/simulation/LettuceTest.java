package io.nioring.consumer.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCommandTimeoutException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.protocol.ProtocolVersion;
import io.nioring.consumer.CurrentNetwork;
import io.nioring.junit.AllowLeaks;
import io.nioring.junit.Host;
import io.nioring.junit.RingNetworkExtension;
import io.nioring.simulation.Fault;
import io.nioring.simulation.RingHost;
import io.nioring.simulation.Simulation;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Lettuce connects again by itself: at most once, or at least once, as one asks for. */
@Timeout(60)
@ExtendWith(RingNetworkExtension.class)
@AllowLeaks // a client that is shut down closes its connections some time later
class LettuceTest {
  private static final int PORT = 6379;
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Map<String, String> values = FakeRedis.values();

  private static RedisClient client(RingHost host, RingHost redis, boolean again) throws Exception {
    RedisURI uri =
        RedisURI.builder()
            .withHost(redis.address().getHostAddress())
            .withPort(PORT)
            .withTimeout(PATIENCE)
            .build();
    RedisClient client = host.call(() -> RedisClient.create(uri));
    client.setOptions(
        ClientOptions.builder()
            .protocolVersion(ProtocolVersion.RESP2)
            .pingBeforeActivateConnection(false)
            .autoReconnect(again)
            .build());
    return client;
  }

  private static void shutDown(RedisClient client) {
    client.shutdown(Duration.ZERO, Duration.ofSeconds(10));
  }

  @Test
  void itComesBackToAServerThatWasKilled(
      Simulation sim, @Host("client") RingHost host, @Host("redis") RingHost redis)
      throws Exception {
    CurrentNetwork.become(sim.network().provider());
    FakeRedis first = new FakeRedis(redis, PORT, values);
    RedisClient client = client(host, redis, true);
    try (StatefulRedisConnection<String, String> connection = host.call(client::connect)) {
      assertEquals("OK", connection.sync().set("key", "value"));
      redis.kill();
      first.close();
      try (FakeRedis second = new FakeRedis(redis, PORT, values)) {
        assertEquals("value", connection.sync().get("key"));
      }
    } finally {
      shutDown(client);
    }
  }

  /** The answer is lost, so that the command is sent again on the next connection. */
  @Test
  void whoConnectsAgainExecutesTwiceWhereTheAnswerIsLost(
      Simulation sim, @Host("client") RingHost host, @Host("redis") RingHost redis)
      throws Exception {
    CurrentNetwork.become(sim.network().provider());
    try (FakeRedis server = new FakeRedis(redis, PORT, values)) {
      RedisClient client = client(host, redis, true);
      try (StatefulRedisConnection<String, String> connection = host.call(client::connect)) {
        assertEquals(1, connection.sync().incr("counter"));
        Fault lost = sim.faults().to(redis, PORT).connection(1).resetAfterBytes(0).install();
        assertTrue(lost.isActive());
        assertEquals(2, connection.sync().incr("counter"));
      } finally {
        shutDown(client);
      }
    }
  }

  @Test
  void silenceIsGivenUpInTime(
      Simulation sim, @Host("client") RingHost host, @Host("redis") RingHost redis)
      throws Exception {
    CurrentNetwork.become(sim.network().provider());
    try (FakeRedis server = new FakeRedis(redis, PORT, values)) {
      RedisClient client = client(host, redis, false);
      try (StatefulRedisConnection<String, String> connection = host.call(client::connect)) {
        connection.setTimeout(Duration.ofMillis(300));
        try (Fault silence = sim.faults().to(redis, PORT).halfOpen().install()) {
          assertThrows(RedisCommandTimeoutException.class, () -> connection.sync().get("key"));
          assertEquals(1, silence.timesFired());
        }
        connection.setTimeout(PATIENCE);
        assertEquals("OK", connection.sync().set("key", "value"));
      } finally {
        shutDown(client);
      }
    }
  }
}
