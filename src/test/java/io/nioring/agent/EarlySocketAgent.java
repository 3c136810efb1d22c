package io.nioring.agent;

import java.io.IOException;
import java.net.Socket;

/** An agent that takes the JVM's socket factory before others get their turn. */
final class EarlySocketAgent {

  private EarlySocketAgent() {}

  @SuppressWarnings("deprecation") // there is no other way
  public static void premain(String arguments) throws IOException {
    Socket.setSocketImplFactory(
        () -> {
          throw new IllegalStateException("never asked");
        });
  }
}
