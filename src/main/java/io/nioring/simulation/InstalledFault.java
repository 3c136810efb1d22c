package io.nioring.simulation;

/** A fault that some action has begun and another one heals. */
final class InstalledFault implements Fault {
  private final World world;
  private final long number;
  private final String text;
  private final Firings firings;

  /** Where a program has installed it; null if that was not recorded. */
  private final StackTraceElement place;

  /** Null when it was done; guarded by the world's lock. */
  private Runnable healing;

  private volatile boolean active = true;

  /**
   * Makes one that the world is about to begin.
   *
   * @param number distinguishes it from the others of its world
   * @param text what it is, for people
   * @param firings how often it has fired
   * @param healing takes it back, with the world's lock held
   * @param place where a program has installed it; null if that was not recorded
   */
  InstalledFault(
      World world,
      long number,
      String text,
      Firings firings,
      Runnable healing,
      StackTraceElement place) {
    this.world = world;
    this.number = number;
    this.text = text;
    this.firings = firings;
    this.healing = healing;
    this.place = place;
  }

  long number() {
    return number;
  }

  String text() {
    return text;
  }

  @Override
  public void close() {
    world.heal(this);
  }

  /** Takes it back, once; with the world's lock held. What fails can be done again. */
  boolean heal() {
    Runnable action = healing;
    if (action == null) {
      return false;
    }
    action.run();
    active = false;
    healing = null; // it is remembered, what it was about is not
    return true;
  }

  @Override
  public boolean isActive() {
    return active;
  }

  @Override
  public long timesFired() {
    long[] count = new long[1];
    world.run(() -> count[0] = firings());
    return count[0];
  }

  Firings counter() {
    return firings;
  }

  /** With the world's lock held. */
  long firings() {
    return firings.count();
  }

  /** What it is and has done, for people; with the world's lock held. */
  String outcome() {
    long count = firings();
    String times =
        count == 0 ? "never fired" : count == 1 ? "fired once" : "fired " + count + " times";
    String where = place == null ? "" : ", installed at " + place;
    return text + (active ? ": " : " (healed): ") + times + where;
  }

  @Override
  public String toString() {
    return "Fault[" + text + (active ? "]" : ", healed]");
  }
}
