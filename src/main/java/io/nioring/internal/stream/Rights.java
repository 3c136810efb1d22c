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
 * What is done with the rights of a message: they are duplicated, and closed if nobody takes them.
 */
public final class Rights {
  private Rights() {}

  /**
   * The rights as a message carries them: channels by reference, descriptors duplicated.
   *
   * @return rights that own what they stand for
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
   * Closes rights that nobody takes. Runs foreign code, so the caller holds no lock. A right that
   * cannot be closed is logged: there is no caller to throw it to.
   */
  public static void close(List<Right> rights) {
    for (int i = 0; i < rights.size(); i++) { // an iterator may find no memory
      close(rights.get(i));
    }
  }

  /** Closes one right; whatever that throws, the others follow. */
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
      return; // without memory even that is too much
    }
  }
}
