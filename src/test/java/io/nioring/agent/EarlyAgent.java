package io.nioring.agent;

import java.nio.channels.spi.SelectorProvider;

/** An agent that uses java.nio before others get their turn. */
final class EarlyAgent {

  private EarlyAgent() {}

  public static void premain(String arguments) {
    if (SelectorProvider.provider() == null) {
      throw new AssertionError("a JVM without a provider");
    }
  }
}
