package io.nioring.soak;

import java.io.Closeable;
import java.nio.ByteBuffer;

/** One end of a connection, of whatever kind. For one thread; each call may fail when it can. */
interface SoakConnection extends Closeable {
  /** Reads some bytes, at least one if there is room; -1 at the end. */
  int read(ByteBuffer dst) throws Exception;

  /** Writes all bytes. */
  void write(ByteBuffer src) throws Exception;

  /** Says that no more will be written. */
  void shutdownOutput() throws Exception;
}
