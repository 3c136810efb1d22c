package io.nioring.socket;

import java.io.Closeable;
import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;

/**
 * An open file descriptor of the process, as a number.
 *
 * <p>A send duplicates it (dup(2)), and the receiver gets the duplicate, which it owns: it closes
 * the number by {@link #close()}, or hands it to whatever takes raw descriptors and leaves it to
 * that. Equal only to itself. Thread-safe.
 */
public final class DescriptorRight implements Right {
  private final int fd;
  private final AtomicReference<Closeable> release;

  /**
   * Makes a right that may own its descriptor.
   *
   * @param fd the number, 0 or above
   * @param release closes the descriptor, called once at most
   * @throws IllegalArgumentException if the number is negative
   */
  public DescriptorRight(int fd, Closeable release) {
    if (fd < 0) {
      throw new IllegalArgumentException("fd is " + fd + ", expected 0 or above");
    }
    this.fd = fd;
    this.release = new AtomicReference<>();
    // The first call takes memory, which a close may not find.
    this.release.getAndSet(Objects.requireNonNull(release, "release"));
  }

  /** {@return the number of the descriptor} */
  public int fd() {
    return fd;
  }

  /** Closes the descriptor if this right owns it, once. */
  @Override
  public void close() throws IOException {
    Closeable owned = release.getAndSet(null);
    if (owned != null) {
      owned.close();
    }
  }

  @Override
  public String toString() {
    return "DescriptorRight[fd=" + fd + "]";
  }
}
