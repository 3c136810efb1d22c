package io.nioring.internal.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.ArgumentMatchers.anyInt;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import jnr.posix.Group;
import jnr.posix.POSIX;
import jnr.posix.Passwd;
import org.junit.jupiter.api.Test;

class NativeIdentityTest {

  private static final long PID = ProcessHandle.current().pid();

  private final POSIX posix = mock(POSIX.class);

  /** The library, where it may be used, and pure Java have to agree. */
  @Test
  void saysTheSameAsPureJavaWhereItMayBeUsed() throws Exception {
    Optional<PosixIdentity> answer = new NativeIdentity().find();

    if (NativeAccess.isQuiet()) {
      assertThat(answer).contains(PosixIdentity.ofProcess());
    } else {
      assertThat(answer).isEmpty();
    }
  }

  @Test
  void effectiveIdsAndTheirNamesAreTaken() throws Exception {
    Passwd user = mock(Passwd.class);
    when(user.getLoginName()).thenReturn("ann");
    Group group = mock(Group.class);
    when(group.getName()).thenReturn("staff");
    when(posix.isNative()).thenReturn(true);
    when(posix.geteuid()).thenReturn(501);
    when(posix.getegid()).thenReturn(20);
    when(posix.getpwuid(501)).thenReturn(user);
    when(posix.getgrgid(20)).thenReturn(group);

    assertThat(ask(() -> posix)).contains(new PosixIdentity(PID, 501, 20, "ann", "staff"));
  }

  @Test
  void idsWithoutANameAreTheirOwn() throws Exception {
    when(posix.isNative()).thenReturn(true);
    when(posix.geteuid()).thenReturn(-2);
    when(posix.getegid()).thenReturn(20);

    assertThat(ask(() -> posix)).contains(new PosixIdentity(PID, 4_294_967_294L, 20, "-2", "20"));
  }

  @Test
  void nothingIsBelievedOfALibraryThatIsNotNative() throws Exception {
    when(posix.isNative()).thenReturn(false);
    when(posix.geteuid()).thenThrow(new AssertionError("asked a library that guesses"));

    assertThat(ask(() -> posix)).isEmpty();
  }

  @Test
  void theLibraryIsNotEvenLoadedWhereItIsNotPermitted() throws Exception {
    NativeIdentity source =
        new NativeIdentity(
            () -> false,
            () -> {
              throw new AssertionError("loaded");
            });

    assertThat(source.find()).isEmpty();
  }

  @Test
  void theSharedBufferIsFreeAgainAfterACallThatFails() throws Exception {
    when(posix.isNative()).thenReturn(true);
    when(posix.getpwuid(anyInt())).thenThrow(new IllegalStateException("not implemented"));
    assertThatThrownBy(() -> ask(() -> posix)).hasMessage("not implemented");

    POSIX healthy = mock(POSIX.class);
    when(healthy.isNative()).thenReturn(true);
    assertThat(CompletableFuture.supplyAsync(() -> ask(() -> healthy)))
        .succeedsWithin(Duration.ofSeconds(30))
        .isEqualTo(Optional.of(new PosixIdentity(PID, 0, 0, "0", "0")));
  }

  private static Optional<PosixIdentity> ask(Supplier<POSIX> library) {
    try {
      return new NativeIdentity(() -> true, library).find();
    } catch (ShortageException e) {
      throw new AssertionError(e);
    }
  }
}
