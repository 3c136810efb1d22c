package io.nioring.simulation;

import io.nioring.internal.poll.Waiter;

/** Takes note of a wake-up. */
final class Noted implements Waiter {
  volatile boolean woken;

  @Override
  public void wake(int bits) {
    woken = true;
  }

  @Override
  public boolean wants(int bits) {
    return true;
  }
}
