package io.nioring.internal.stream;

import io.nioring.internal.platform.Descriptors;
import io.nioring.socket.ChannelRight;
import io.nioring.socket.DescriptorRight;
import io.nioring.socket.Right;
import java.io.IOException;
import java.net.SocketException;
import java.util.Arrays;
import java.util.List;

/**
 * The handling of the rights of a message: they are duplicated, and closed if they are not
 * received.
 */
public final class Rights {
  private Rights() {}

  /**
   * The rights as a message carries them: channels by reference, descriptors duplicated.
   *
   * @return rights that own their channels and descriptors
   * @throws SocketException "Bad file descriptor" if one is not open; nothing was duplicated then
   * @throws UnsupportedOperationException if descriptors cannot be duplicated here
   */
  public static List<Right> duplicate(List<Right> rights) throws IOException {
    Right[] duplicates = new Right[rights.size()];
    List<Right> all = Arrays.asList(duplicates);
    int made = 0;
    try {
      while (made < duplicates.length) {
        duplicates[made] = duplicate(rights.get(made));
        made++;
      }
      return all;
    } finally {
      if (made < duplicates.length) {
        closeDescriptors(all); // which are null from there on
      }
    }
  }

  private static Right duplicate(Right right) throws IOException {
    if (right instanceof DescriptorRight descriptor) {
      return Descriptors.ofProcess().duplicate(descriptor);
    }
    if (!((ChannelRight) right).channel().isOpen()) {
      throw new SocketException("Bad file descriptor (a closed channel)");
    }
    return right;
  }

  /** Closes the duplicates among rights whose channels stay with their owner. */
  public static void closeDescriptors(List<Right> rights) {
    for (int i = 0; i < rights.size(); i++) { // an iterator may find no memory
      Right right = rights.get(i);
      if (right instanceof DescriptorRight) {
        close(right);
      }
    }
  }

  /**
   * Closes rights that are not received. Runs foreign code, so the caller holds no lock. A failure
   * to close a right is logged: there is no caller to throw it to.
   */
  public static void close(List<Right> rights) {
    for (int i = 0; i < rights.size(); i++) { // an iterator may find no memory
      close(rights.get(i));
    }
  }

  /** Closes one right; the others are closed whatever that throws. */
  private static void close(Right right) {
    try {
      right.close();
    } catch (Throwable e) {
      logFailure(right, e);
    }
  }

  private static void logFailure(Right right, Throwable failure) {
    try {
      System.getLogger(Rights.class.getName())
          .log(System.Logger.Level.WARNING, "cannot close a discarded " + right, failure);
    } catch (Throwable e) {
      return; // without memory not even that is possible
    }
  }
}
