package io.nioring.observe;

import java.io.IOException;

/** A capture's file could not be written. */
final class CaptureFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  CaptureFailedException(IOException cause) {
    super(cause);
  }
}
