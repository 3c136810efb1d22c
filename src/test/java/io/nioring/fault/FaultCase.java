package io.nioring.fault;

/** One operation of the script, on a network of its own. */
public interface FaultCase {

  /** What it does, for messages. */
  String name();

  /** Whether it is one of those of which the build tries fewer places. */
  default boolean isFurther() {
    return false;
  }

  /** Opens the network and whatever the operation finds there. */
  void prepare() throws Exception;

  /** Does the operation: the part that may be made to fail. */
  void operate() throws Exception;

  /**
   * Checks that the network works: a connection that was there before, and the same operation once
   * more, on the same addresses, when what the first opened is closed.
   */
  void checkGoesOn() throws Exception;

  /** Closes everything, and checks that nothing is left. */
  void close() throws Exception;
}
