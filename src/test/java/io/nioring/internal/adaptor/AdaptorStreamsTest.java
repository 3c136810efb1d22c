package io.nioring.internal.adaptor;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import io.nioring.internal.channel.RingSocketChannel;
import io.nioring.internal.core.Way;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.IllegalBlockingModeException;
import org.junit.jupiter.api.Test;

/**
 * Another thread makes the channel non-blocking after the stream has looked: what then comes back
 * from it, nothing, is no data.
 */
class AdaptorStreamsTest {
  private final RingSocketChannel channel = mock(RingSocketChannel.class);

  @Test
  void readOfAChannelThatBecomesNonBlockingFails() throws Exception {
    when(channel.isOpen()).thenReturn(true);
    when(channel.isBlocking()).thenReturn(true);
    Way way = mock(Way.class); // whose reads give nothing
    when(channel.way()).thenReturn(way);
    InputStream in = new AdaptorInput(channel, () -> 0);

    assertThatThrownBy(in::read).isInstanceOf(IllegalBlockingModeException.class);
    assertThatThrownBy(() -> in.read(new byte[2])).isInstanceOf(IllegalBlockingModeException.class);
  }

  @Test
  void writeToAChannelThatBecomesNonBlockingFails() throws Exception {
    when(channel.isOpen()).thenReturn(true);
    when(channel.isBlocking()).thenReturn(true);
    when(channel.write(any(ByteBuffer.class))).thenReturn(0);
    OutputStream out = new AdaptorOutput(channel);

    assertThatThrownBy(() -> out.write(new byte[2]))
        .isInstanceOf(IllegalBlockingModeException.class);
  }
}
