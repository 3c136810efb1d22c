package io.nioring.observe;

import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import io.nioring.internal.network.ChannelRegistry;
import io.nioring.internal.stream.Wire;
import java.lang.ref.WeakReference;
import java.util.List;
import jdk.jfr.Recording;
import org.junit.jupiter.api.Test;

/** What a network's recording does when it is looked after; {@link JfrTest} has what it tells. */
class JfrRecordingTest {

  /** The housekeeping may look while a network closes its channels, whose end is told too. */
  @Test
  void channelsOfANetworkThatIsBeingClosedAreObservedUntilTheEnd() {
    Wire wire = mock(Wire.class);
    ChannelRegistry registry = mock(ChannelRegistry.class);
    when(registry.entries()).thenReturn(List.of());
    try (Recording recording = new Recording()) {
      recording.enable("nioring.Close");
      recording.start();
      JfrRecording observed =
          JfrRecording.start(wire, registry, new WeakReference<>(new Object()), false);
      observed.run();
      verify(wire).addObserver(observed);

      when(registry.isClosed()).thenReturn(true);
      when(registry.size()).thenReturn(1);
      observed.run();
      verify(wire, never()).removeObserver(any());

      when(registry.size()).thenReturn(0);
      observed.run();
      verify(wire).removeObserver(observed);
    }
  }
}
