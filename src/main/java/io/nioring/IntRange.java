package io.nioring;

/**
 * The least and the greatest value of a number in a configuration.
 *
 * @param min the least value that is allowed
 * @param max the greatest value that is allowed
 * @param unit what is counted, for messages
 */
record IntRange(int min, int max, String unit) {

  boolean contains(int value) {
    return min <= value && value <= max;
  }

  /**
   * Checks a value.
   *
   * @return the value
   * @throws IllegalArgumentException if it is out of bounds; the message gives name, value and
   *     bound
   */
  int check(String name, int value) {
    if (!contains(value)) {
      throw new IllegalArgumentException(name + " is " + value + ", expected " + this);
    }
    return value;
  }

  @Override
  public String toString() {
    return "a number from " + min + " to " + max + " (" + unit + ")";
  }
}
