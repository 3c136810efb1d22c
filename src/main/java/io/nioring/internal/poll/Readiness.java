package io.nioring.internal.poll;

/**
 * The readiness bits of a stream socket, with the meaning of {@code poll(2)}.
 *
 * <p>The numbers are those of Linux, so that a bit set printed in hexadecimal reads like one of the
 * kernel's.
 */
public final class Readiness {
  /** Reading or accepting returns at once: with data, the end of file, or an error. */
  public static final int IN = 0x0001;

  /** Writing takes bytes at once or fails at once; or a pending connect has been decided. */
  public static final int OUT = 0x0004;

  /** An error is waiting to be reported. */
  public static final int ERR = 0x0008;

  /** Both directions are shut. */
  public static final int HUP = 0x0010;

  /** No more bytes will come in: the peer shut down its output, or this end its input. */
  public static final int RDHUP = 0x2000;

  /** All bits: something changed that concerns every waiter. */
  public static final int ALL = IN | OUT | ERR | HUP | RDHUP;

  /**
   * Not a state, but beside others in a wake-up: more follows, and then another wake-up without
   * this bit. Until then the waker has a lock that code of users may need.
   */
  public static final int MORE_FOLLOWS = 0x10000;

  private Readiness() {}

  /** The names of the bits set, for messages: {@code IN|OUT}, or {@code none}. */
  public static String toString(int bits) {
    var text = new StringBuilder();
    append(text, bits, IN, "IN");
    append(text, bits, OUT, "OUT");
    append(text, bits, RDHUP, "RDHUP");
    append(text, bits, HUP, "HUP");
    append(text, bits, ERR, "ERR");
    return text.length() == 0 ? "none" : text.toString();
  }

  private static void append(StringBuilder text, int bits, int bit, String name) {
    if ((bits & bit) != 0) {
      text.append(text.length() == 0 ? "" : "|").append(name);
    }
  }
}
