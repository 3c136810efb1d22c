package io.nioring.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nioring.testkit.Deadline;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is put off until the lock is released, when something fails. */
class WorldTest {
  private final AtomicInteger done = new AtomicInteger();
  private Simulation sim = Simulation.open();

  private static void fail() {
    throw new IllegalStateException("of a test");
  }

  @AfterEach
  void close() {
    sim.close();
  }

  private void openInVirtualTime() {
    sim.close();
    sim = Simulation.open(SimulationConfig.builder().virtualTime(true).build());
  }

  @Test
  void whatWasPutOffIsDoneThoughTheActionFails() {
    World world = sim.world();
    assertThatThrownBy(
            () ->
                world.run(
                    () -> {
                      world.after(done::incrementAndGet);
                      fail();
                    }))
        .hasMessage("of a test");
    assertThat(done).hasValue(1);
  }

  @Test
  void whatWasPutOffIsDoneThoughSomethingBeforeItFails() {
    World world = sim.world();
    assertThatThrownBy(
            () ->
                world.run(
                    () -> {
                      world.after(WorldTest::fail);
                      world.after(done::incrementAndGet);
                    }))
        .hasMessage("of a test");
    assertThat(done).hasValue(1);
  }

  @Test
  void virtualTimeGoesOnAfterAnActionThatFails() {
    openInVirtualTime();
    World world = sim.world();
    assertThatThrownBy(
            () ->
                world.run(
                    () -> {
                      world.after(() -> {});
                      fail();
                    }))
        .hasMessage("of a test");
    assertThat(world.time().whoCanAct()).as("who holds virtual time up").isEmpty();
  }

  @Test
  void eventsGoOnAfterOneThatFails() throws IOException {
    World world = sim.world();
    world.run(() -> world.timeline().schedule(world.now(), WorldTest::fail));
    Deadline.await("the first has happened", () -> sim.pendingEvents() == 0);
    world.run(() -> world.timeline().schedule(world.now(), done::incrementAndGet));
    Deadline.await("the second has happened", () -> done.get() == 1);
  }
}
