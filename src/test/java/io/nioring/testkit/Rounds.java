package io.nioring.testkit;

/**
 * How long a test goes on: a little in the build, and in earnest where {@code -Dtest.stress} is
 * set, as {@code .ci/stress} does. Each such test is tagged {@code stress}, and has a property of
 * its own.
 */
public final class Rounds {
  private Rounds() {}

  /** Whether this is the long run. */
  public static boolean areMany() {
    String value = System.getProperty("test.stress");
    return value != null && !value.equals("false");
  }

  /** The number that the property names; else the one for this run. */
  public static int of(String property, int inBuild, int underStress) {
    return Integer.getInteger(property, areMany() ? underStress : inBuild);
  }
}
