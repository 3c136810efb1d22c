package io.nioring.internal.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import io.nioring.socket.DescriptorRight;
import io.nioring.socket.Right;
import java.io.IOException;
import java.lang.reflect.Method;
import java.net.SocketException;
import java.net.URL;
import java.net.URLClassLoader;
import jnr.posix.POSIX;
import org.junit.jupiter.api.Test;

class DescriptorsTest {
  private final POSIX posix = mock(POSIX.class);
  private final Descriptors descriptors = new Descriptors(() -> true, () -> posix);

  @Test
  void theDuplicateIsClosedThroughTheLibrary() throws IOException {
    when(posix.isNative()).thenReturn(true);
    when(posix.dup(7)).thenReturn(8);

    DescriptorRight duplicate = descriptors.duplicate(Right.descriptor(7));
    assertThat(duplicate.fd()).isEqualTo(8);
    duplicate.close();

    verify(posix).close(8);
  }

  @Test
  void aFailureNamesTheReasonAndTheDescriptor() {
    when(posix.isNative()).thenReturn(true);
    when(posix.dup(7)).thenReturn(-1);
    when(posix.errno()).thenReturn(24);
    when(posix.strerror(24)).thenReturn("Too many open files");

    assertThatThrownBy(() -> descriptors.duplicate(Right.descriptor(7)))
        .isInstanceOf(SocketException.class)
        .hasMessageContaining("Too many open files")
        .hasMessageContaining("7");
  }

  @Test
  void withoutTheNativeLibraryNothingIsGuessed() {
    when(posix.isNative()).thenReturn(false);

    assertThatThrownBy(() -> descriptors.duplicate(Right.descriptor(7)))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void whereLoadingWouldWarnTheMessageNamesTheFlag() {
    Descriptors forbidden =
        new Descriptors(
            () -> false,
            () -> {
              throw new AssertionError("loaded");
            });

    assertThatThrownBy(() -> forbidden.duplicate(Right.descriptor(7)))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContaining("--enable-native-access=ALL-UNNAMED");
  }

  /** Loads our classes without any library beside them. */
  @Test
  void withoutTheLibraryOnTheClassPathPassingIsRefused() throws Exception {
    URL classes = Descriptors.class.getProtectionDomain().getCodeSource().getLocation();
    try (URLClassLoader alone =
        new URLClassLoader(new URL[] {classes}, ClassLoader.getPlatformClassLoader())) {
      Method ofProcess = alone.loadClass(Descriptors.class.getName()).getMethod("ofProcess");

      assertThatThrownBy(() -> ofProcess.invoke(null))
          .cause()
          .isInstanceOf(UnsupportedOperationException.class)
          .hasMessageContaining("without JNR-POSIX");
    }
  }
}
