package io.nioring.observe;

import jdk.jfr.Event;
import jdk.jfr.SettingDefinition;

/** An event of which a recording may ask for so many a second, by the setting {@code throttle}. */
abstract class ThrottledEvent extends Event {
  private transient ThrottleControl control;

  /**
   * Called by Flight Recorder whenever it checks whether the event is to be committed, which is
   * twice for each event: so the event is counted by {@link #admits} and not here.
   */
  @SettingDefinition
  boolean throttle(ThrottleControl present) {
    control = present;
    return true;
  }

  /** Whether one more may be committed; called once for each that is to be. */
  final boolean admits() {
    return control == null || control.admits();
  }
}
