package io.nioring.internal.network;

import io.nioring.internal.stream.Rights;
import io.nioring.socket.DescriptorRight;
import io.nioring.socket.Right;
import java.util.ArrayList;
import java.util.List;

/**
 * Closes the rights that were in flight to an end that closes.
 *
 * <p>{@code AbstractInterruptibleChannel} closes under a lock of its own. Closing another channel
 * under it could wait for ever: two channels may each be in flight to the other. So channels are
 * closed by a thread made for it; descriptors at once.
 */
public final class RightsCloser {
  private RightsCloser() {}

  /** Closes rights, each in its way. */
  public static void close(List<Right> inFlight) {
    if (inFlight.isEmpty()) {
      return;
    }
    Rights.closeDescriptors(inFlight);
    List<Right> channels = new ArrayList<>(inFlight);
    channels.removeIf(DescriptorRight.class::isInstance);
    if (!channels.isEmpty()) {
      Thread closer = new Thread(() -> Rights.close(channels), "nioring-discard");
      closer.setDaemon(true);
      closer.start();
    }
  }
}
