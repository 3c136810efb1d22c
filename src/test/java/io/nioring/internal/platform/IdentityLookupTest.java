package io.nioring.internal.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class IdentityLookupTest {

  private static final PosixIdentity SOMEBODY = new PosixIdentity(1, 2, 3, "user", "group");

  private static PosixIdentity firstOf(List<IdentitySource> sources) {
    return new IdentityLookup(sources).get();
  }

  @Test
  void theFirstSourceThatKnowsAnswers() {
    IdentitySource notToBeAsked =
        () -> {
          throw new AssertionError("asked though another source knew");
        };

    assertThat(firstOf(List.of(Optional::empty, () -> Optional.of(SOMEBODY), notToBeAsked)))
        .isSameAs(SOMEBODY);
  }

  static Stream<Throwable> failures() {
    return Stream.of(
        new IOException("no such file"),
        new UnsupportedOperationException("no such view"),
        new UnsatisfiedLinkError("no such library"),
        new NoClassDefFoundError("jnr/posix/POSIX"));
  }

  @ParameterizedTest
  @MethodSource("failures")
  void aFailingSourceIsSkipped(Throwable failure) throws IOException {
    IdentitySource failing = mock(IdentitySource.class);
    when(failing.find()).thenThrow(failure);

    assertThat(firstOf(List.of(failing, () -> Optional.of(SOMEBODY)))).isSameAs(SOMEBODY);
  }

  @Test
  void withoutAnySourceTheProcessIdAndTheUserNameAreKnown() {
    PosixIdentity identity = firstOf(List.of(Optional::empty));

    assertThat(identity)
        .isEqualTo(
            new PosixIdentity(
                ProcessHandle.current().pid(),
                PosixIdentity.UNKNOWN_ID,
                PosixIdentity.UNKNOWN_ID,
                ProcessHandle.current().info().user().orElse(""),
                ""));
  }

  static Stream<Throwable> shortages() {
    return Stream.of(
        new FileSystemException("/proc/self/status", null, "Too many open files"),
        new ShortageException(null),
        new OutOfMemoryError("Java heap space"));
  }

  /** The next sources would start what a shortage leaves broken. */
  @ParameterizedTest
  @MethodSource("shortages")
  void shortageIsNotCachedAndNoOtherSourceIsAsked(Throwable shortage) throws IOException {
    AtomicInteger others = new AtomicInteger();
    IdentitySource source = mock(IdentitySource.class);
    when(source.find()).thenThrow(shortage).thenReturn(Optional.of(SOMEBODY));
    IdentityLookup lookup =
        new IdentityLookup(
            List.of(
                source,
                () -> {
                  others.incrementAndGet();
                  return Optional.empty();
                }));

    assertThat(lookup.get()).isEqualTo(PosixIdentity.unknown());
    assertThat(lookup.get()).isSameAs(SOMEBODY);
    assertThat(lookup.get()).isSameAs(SOMEBODY);
    assertThat(others).hasValue(0);
  }

  @Test
  void unknownIdentityIsLookedUpOnce() {
    AtomicInteger asked = new AtomicInteger();
    IdentityLookup lookup =
        new IdentityLookup(
            List.of(
                () -> {
                  asked.incrementAndGet();
                  throw new NoSuchFileException("/proc/self/status");
                }));

    assertThat(lookup.get()).isSameAs(lookup.get());
    assertThat(asked).hasValue(1);
  }
}
