package io.nioring.internal.select;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.verify;

import java.io.IOException;
import java.nio.channels.SelectionKey;
import org.junit.jupiter.api.Test;

class SlotKeeperTest {
  private final SlotKeeper slots = new SlotKeeper();
  private final RingSelectionKey outer = mock(RingSelectionKey.class);

  @Test
  void outerKeyIsAnnouncedWhenItsChannelCloses() throws IOException {
    FakeChannel channel = new FakeChannel();
    channel.register(slots, 0, outer);
    verify(outer, never()).announceCancelled();

    channel.close();

    verify(outer).announceCancelled();
  }

  @Test
  void cancelledSlotIsNoLongerInTheWayOfTheBlockingMode() throws IOException {
    try (FakeChannel channel = new FakeChannel()) {
      SelectionKey slot = channel.register(slots, 0, outer);

      slots.cancel(channel);

      assertThat(slot.isValid()).isFalse();
      channel.configureBlocking(true);
      assertThat(channel.isBlocking()).isTrue();
    }
  }

  @Test
  void freedSlotLeavesNothingRegistered() throws IOException {
    try (FakeChannel channel = new FakeChannel()) {
      channel.register(slots, 0, outer);

      slots.free(channel);
      slots.free(channel);

      assertThat(channel.isRegistered()).isFalse();
    }
  }
}
