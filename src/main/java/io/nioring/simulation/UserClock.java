package io.nioring.simulation;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Objects;
import java.util.function.Supplier;

/** The simulation's time as the programs of a host see it: their clock may be ahead or behind. */
final class UserClock extends Clock {
  private final Supplier<Instant> time;
  private final Supplier<Duration> offset;
  private final ZoneId zone;

  /**
   * Makes one.
   *
   * @param time gives the simulation's time
   * @param offset gives how far this clock is ahead of it now
   */
  UserClock(Supplier<Instant> time, Supplier<Duration> offset, ZoneId zone) {
    this.time = time;
    this.offset = offset;
    this.zone = zone;
  }

  @Override
  public ZoneId getZone() {
    return zone;
  }

  @Override
  public Clock withZone(ZoneId other) {
    return new UserClock(time, offset, Objects.requireNonNull(other, "zone"));
  }

  @Override
  public Instant instant() {
    return time.get().plus(offset.get());
  }
}
