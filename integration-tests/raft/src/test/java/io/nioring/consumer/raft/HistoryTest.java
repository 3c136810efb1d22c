package io.nioring.consumer.raft;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Histories that are linearizable, and such that are not. */
class HistoryTest {
  private final History history = new History();

  private void call(Command command, long result) {
    history.ends(history.begins(command), result);
  }

  @Test
  void oneAfterTheOther() {
    call(Command.GET, 0);
    call(Command.set(5), 5);
    call(Command.add(2), 7);
    call(Command.compareAndSet(7, 9), 1);
    call(Command.compareAndSet(7, 8), 0);
    call(Command.GET, 9);
    assertTrue(history.isLinearizable(0));
  }

  @Test
  void aStaleReadIsRejected() {
    call(Command.set(5), 5);
    call(Command.GET, 0);
    assertFalse(history.isLinearizable(0));
  }

  @Test
  void aLostUpdateIsRejected() {
    History.Call one = history.begins(Command.add(1));
    History.Call other = history.begins(Command.add(1));
    history.ends(one, 1);
    history.ends(other, 1);
    assertFalse(history.isLinearizable(0));
  }

  @Test
  void aCommandThatIsDoneTwiceIsRejected() {
    call(Command.add(1), 1);
    call(Command.GET, 2);
    assertFalse(history.isLinearizable(0));
  }

  @Test
  void concurrentCallsHaveAnyOrder() {
    History.Call set = history.begins(Command.set(5));
    call(Command.GET, 0);
    call(Command.GET, 5);
    history.ends(set, 5);
    assertTrue(history.isLinearizable(0));
  }

  @Test
  void aValueDoesNotGoBackWhileASetIsUnderWay() {
    History.Call set = history.begins(Command.set(5));
    call(Command.GET, 5);
    call(Command.GET, 0);
    history.ends(set, 5);
    assertFalse(history.isLinearizable(0));
  }

  @Test
  void aCallOfUnknownEndHasItsEffectLaterOrNever() {
    history.begins(Command.set(5));
    call(Command.GET, 0);
    assertTrue(history.isLinearizable(0));
    call(Command.GET, 5);
    assertTrue(history.isLinearizable(0));
    call(Command.GET, 0);
    assertFalse(history.isLinearizable(0));
  }
}
