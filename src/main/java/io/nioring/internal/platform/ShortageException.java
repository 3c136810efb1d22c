package io.nioring.internal.platform;

import java.io.IOException;

/** The system is short of a resource at the moment; a later attempt may succeed. */
final class ShortageException extends IOException {
  private static final long serialVersionUID = 1L;

  ShortageException(Throwable cause) {
    super("The system is short of descriptors or memory", cause);
  }
}
