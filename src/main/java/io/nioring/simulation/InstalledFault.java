package io.nioring.simulation;

/** A fault that some action has begun and another one heals. */
final class InstalledFault implements Fault {
  private final World world;
  private final long number;
  private final String text;
  private final Runnable healing;
  private volatile boolean active = true;

  /**
   * Makes one that the world is about to begin.
   *
   * @param number tells it from the others of its world
   * @param text what it is, for people
   * @param healing takes it back, with the world's lock held
   */
  InstalledFault(World world, long number, String text, Runnable healing) {
    this.world = world;
    this.number = number;
    this.text = text;
    this.healing = healing;
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

  /** Takes it back, once; with the world's lock held. */
  boolean heal() {
    boolean was = active;
    if (was) {
      healing.run();
      active = false; // last: what fails can be done again
    }
    return was;
  }

  @Override
  public boolean isActive() {
    return active;
  }

  @Override
  public String toString() {
    return "Fault[" + text + (active ? "]" : ", healed]");
  }
}
