package io.nioring.socket;

import java.util.Objects;

/**
 * What one receive gave.
 *
 * @param bytes how many bytes were put into the target; 0 if nothing is there now and the receive
 *     did not wait, or if the target had no room; -1 at the end of the stream
 * @param ancillary what came with them; the receiver owns its rights, unless it peeked
 * @param truncated whether rights were discarded because the receive had no room for them ({@code
 *     MSG_CTRUNC})
 */
public record ReceivedMessage(int bytes, AncillaryData ancillary, boolean truncated) {
  private static final ReceivedMessage NOTHING =
      new ReceivedMessage(0, AncillaryData.none(), false);
  private static final ReceivedMessage END = new ReceivedMessage(-1, AncillaryData.none(), false);

  /**
   * Makes a value.
   *
   * @param bytes as in the record
   * @param ancillary as in the record
   * @param truncated as in the record
   * @throws NullPointerException if the ancillary data is null
   */
  public ReceivedMessage {
    Objects.requireNonNull(ancillary, "ancillary");
  }

  /**
   * A receive that gave no ancillary data.
   *
   * @param bytes as {@link #bytes()}
   * @return the value
   */
  public static ReceivedMessage plain(int bytes) {
    return switch (bytes) {
      case 0 -> NOTHING;
      case -1 -> END;
      default -> new ReceivedMessage(bytes, AncillaryData.none(), false);
    };
  }

  /** {@return whether the stream has ended} */
  public boolean isEnd() {
    return bytes < 0;
  }
}
