package io.nioring.internal.select;

import java.nio.channels.SelectionKey;
import java.util.function.Consumer;

/**
 * What a select of the platform does with keys that only matter in number, or not at all: nothing.
 * A key that is ready still is at the next select.
 */
public final class IgnoredKeys implements Consumer<SelectionKey> {
  /** The one that there is: it has no state. */
  public static final IgnoredKeys ALL = new IgnoredKeys();

  private IgnoredKeys() {}

  @Override
  public void accept(SelectionKey key) {
    // left for later
  }
}
