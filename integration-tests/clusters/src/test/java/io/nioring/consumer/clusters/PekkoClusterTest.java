package io.nioring.consumer.clusters;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.nioring.consumer.Payload;
import io.nioring.consumer.Wire;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.AbstractActor;
import org.apache.pekko.actor.ActorRef;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.actor.Props;
import org.apache.pekko.actor.Terminated;
import org.apache.pekko.cluster.Cluster;
import org.apache.pekko.pattern.Patterns;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two members of a Pekko cluster, whose remoting is Artery over TCP. */
class PekkoClusterTest {
  private static final Duration DEADLINE = Duration.ofSeconds(60);

  private Wire wire;
  private ActorSystem first;
  private ActorSystem second;

  @BeforeEach
  void form() throws Exception {
    wire = Wire.watch();
    first = ActorSystem.create("cluster", config());
    second = ActorSystem.create("cluster", config());
    CountDownLatch up = new CountDownLatch(2);
    Cluster.get(first).registerOnMemberUp(up::countDown);
    Cluster.get(second).registerOnMemberUp(up::countDown);
    Cluster.get(first).join(Cluster.get(first).selfAddress());
    Cluster.get(second).join(Cluster.get(first).selfAddress());
    assertTrue(up.await(DEADLINE.toSeconds(), TimeUnit.SECONDS), "both members are up");
  }

  private static Config config() {
    return ConfigFactory.parseString(
            """
            pekko {
              loglevel = OFF
              stdout-loglevel = OFF
              actor.provider = cluster
              cluster.jmx.enabled = off
              cluster.min-nr-of-members = 2
              coordinated-shutdown.exit-jvm = off
              remote.artery {
                transport = tcp
                canonical { hostname = "127.0.0.1", port = 0 }
                advanced { maximum-frame-size = 16 MiB, buffer-pool-size = 16 }
              }
            }
            """)
        .withFallback(ConfigFactory.load());
  }

  @AfterEach
  void end() throws Exception {
    for (ActorSystem system : new ActorSystem[] {first, second}) {
      if (system != null) {
        system.terminate();
        Terminated ended =
            system
                .getWhenTerminated()
                .toCompletableFuture()
                .get(DEADLINE.toSeconds(), TimeUnit.SECONDS);
        assertTrue(ended.existenceConfirmed());
      }
    }
    wire.close();
  }

  @Test
  void actorsAnswerOneAnother() throws Exception {
    ActorRef echo = remoteEcho();
    for (int i = 0; i < 300; i++) {
      assertEquals("no" + i, ask(echo, "no" + i));
    }
    wire.ringsCarried(1, 2 * 300 * 4);
  }

  @Test
  void largeMessageGoesBothWays() throws Exception {
    byte[] body = Payload.ofSize(Payload.LARGE);
    byte[] echoed = (byte[]) ask(remoteEcho(), body);
    assertEquals(Payload.checksum(body), Payload.checksum(echoed));
    wire.ringsCarried(1, 2L * body.length);
  }

  private ActorRef remoteEcho() throws Exception {
    second.actorOf(Props.create(Echo.class), "echo");
    return first
        .actorSelection(Cluster.get(second).selfAddress() + "/user/echo")
        .resolveOne(DEADLINE)
        .toCompletableFuture()
        .get(DEADLINE.toSeconds(), TimeUnit.SECONDS);
  }

  private static Object ask(ActorRef actor, Object message) throws Exception {
    return Patterns.ask(actor, message, DEADLINE)
        .toCompletableFuture()
        .get(DEADLINE.toSeconds(), TimeUnit.SECONDS);
  }

  /** Sends back what comes. */
  private static final class Echo extends AbstractActor {
    @Override
    public Receive createReceive() {
      return receiveBuilder().matchAny(message -> sender().tell(message, self())).build();
    }
  }
}
