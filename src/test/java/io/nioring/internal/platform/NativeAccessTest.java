package io.nioring.internal.platform;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class NativeAccessTest {

  @Test
  void aMissingLibraryCannotBeLoaded() {
    assertThat(NativeAccess.isQuiet("no.such.Library")).isFalse();
  }

  @Test
  void theJdkItselfMayLoadNativeCode() {
    assertThat(NativeAccess.isQuiet("java.lang.Object")).isTrue();
  }
}
