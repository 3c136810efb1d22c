package io.nioring.contract;

import io.nioring.testkit.Background;
import java.io.Closeable;
import java.io.IOException;

/**
 * One end of a connection in {@link ThreadedComparisonTest}: operations that take a thread, and
 * whatever ends them. Each operation tells as a text all that a program could see of it.
 */
interface ThreadedEnd extends Closeable {
  /** An operation that is under way. */
  interface Pending {
    Background<String> task();

    /** How many bytes it has got. */
    int received();
  }

  /**
   * Begins to read until so many bytes have come.
   *
   * @param timeoutMillis the longest that one read waits; 0 for no limit
   */
  Pending read(int bytes, int timeoutMillis);

  /** Begins to write so many bytes. */
  Pending write(int bytes);

  /** In which method a thread sleeps that waits for bytes or for room. */
  String sleepsIn(boolean reading);

  /** Ends a pending operation from outside, as this kind of end has it. */
  void disturb(Pending operation);

  String shutdownInput();

  String shutdownOutput();

  /** Closes with a reset. */
  String reset();

  String closed();

  @Override
  void close() throws IOException;
}
