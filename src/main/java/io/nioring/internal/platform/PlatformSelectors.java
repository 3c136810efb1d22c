package io.nioring.internal.platform;

import java.io.IOException;
import java.nio.channels.Selector;
import java.nio.channels.spi.SelectorProvider;

/** Opens selectors of the platform's that are woken without memory. */
public final class PlatformSelectors {
  /** Whether one was woken in this JVM, which links what that takes. */
  private static volatile boolean linked;

  private PlatformSelectors() {}

  /**
   * Opens a selector. The first one is woken at once, since the JVM takes memory for that: who
   * wakes a thread later may find none, and might not come again.
   */
  public static Selector open(SelectorProvider platform) throws IOException {
    Selector opened = platform.openSelector();
    if (linked) {
      return opened;
    }
    boolean complete = false;
    try {
      opened.wakeup();
      opened.selectNow();
      linked = true;
      complete = true;
      return opened;
    } finally {
      if (!complete) {
        opened.close();
      }
    }
  }
}
