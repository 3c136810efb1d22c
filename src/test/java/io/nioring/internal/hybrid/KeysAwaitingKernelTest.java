package io.nioring.internal.hybrid;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import io.nioring.internal.select.RingSelectionKey;
import org.junit.jupiter.api.Test;

class KeysAwaitingKernelTest {
  private final KeysAwaitingKernel following = new KeysAwaitingKernel();

  private RingSelectionKey added() {
    RingSelectionKey key = mock(RingSelectionKey.class);
    when(key.isValid()).thenReturn(true);
    following.add(key);
    return key;
  }

  @Test
  void keysThatAreStillValidAreTakenOnce() {
    RingSelectionKey first = added();
    RingSelectionKey second = added();
    assertThat(following.take()).containsExactly(first, second);
    assertThat(following.take()).isEmpty();
  }

  @Test
  void cancelledKeysAreNotKept() {
    when(added().isValid()).thenReturn(false);
    RingSelectionKey newest = added();
    assertThat(following.take()).containsExactly(newest);
  }
}
