package io.nioring.consumer;

import io.nioring.RingSelectorProvider;
import java.nio.channels.spi.SelectorProvider;

/** Gives this JVM's plain sockets to the rings, as a program does that is started with the flag. */
public final class PlainSockets {
  private static boolean isDone;

  private PlainSockets() {}

  /** Does so, once. */
  public static synchronized void toRings() {
    if (!isDone && SelectorProvider.provider() instanceof RingSelectorProvider provider) {
      provider.network().installSockets();
    }
    isDone = true;
  }
}
