package io.nioring.soak;

import java.io.Closeable;

/** A listener, and clients that connect to it. */
interface SoakTransport extends Closeable {
  /** Waits for the next connection. */
  SoakConnection accept() throws Exception;

  /** Connects to the listener. */
  SoakConnection connect() throws Exception;
}
