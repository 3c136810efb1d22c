package io.nioring.internal.names;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nioring.internal.ring.MemoryPool;
import io.nioring.internal.stream.Wire;
import io.nioring.internal.time.Clock;
import java.net.BindException;
import java.net.SocketException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnixNamesTest {
  private static final UnixDomainSocketAddress ADDRESS = address("/run/app/socket");
  private static final Path TEMPORARY = Path.of("/no/such/directory");

  private final UnixNames names = new UnixNames(TEMPORARY);
  private final Listener listener =
      new Listener(new Wire(new MemoryPool(false), 1_000, Clock.SYSTEM), null, () -> {});

  private static UnixDomainSocketAddress address(String path) {
    return UnixDomainSocketAddress.of(path);
  }

  private void assertMissing(UnixDomainSocketAddress address) {
    assertThatThrownBy(() -> names.lookup(address))
        .isExactlyInstanceOf(SocketException.class)
        .hasMessage("No such file or directory");
  }

  @Test
  void boundNameIsThereAndConnectableOnceItListens() throws Exception {
    assertMissing(ADDRESS);

    Binding binding = names.bind(ADDRESS);
    assertThat(binding.address()).isEqualTo(ADDRESS);
    assertThat(names.lookup(ADDRESS)).isNull();
    assertThat(names.listeners()).isZero();

    binding.listen(listener);
    assertThat(names.lookup(ADDRESS)).isSameAs(listener);
    assertThat(names.listeners()).isEqualTo(1);
  }

  @Test
  void takenNameCannotBeTakenAgain() throws Exception {
    names.bind(ADDRESS);
    assertThatThrownBy(() -> names.bind(ADDRESS))
        .isInstanceOf(BindException.class)
        .hasMessage("Address already in use");
  }

  @Test
  void releasedNameIsFree() throws Exception {
    Binding binding = names.bind(ADDRESS);
    binding.listen(listener);
    binding.release();

    assertMissing(ADDRESS);
    assertThat(names.listeners()).isZero();
    names.bind(ADDRESS);
  }

  @Test
  void releasingTwiceDoesNotFreeTheNextOwnersName() throws Exception {
    Binding first = names.bind(ADDRESS);
    first.release();
    Binding second = names.bind(ADDRESS);
    second.listen(listener);
    first.release();

    assertThat(names.lookup(ADDRESS)).isSameAs(listener);
  }

  @Test
  void nameKeepsItsPathWhenItsFolderIsReplaced(@TempDir Path temporary) throws Exception {
    Path top = temporary.toRealPath();
    Path folder = Files.createDirectory(top.resolve("folder"));
    Path other = Files.createDirectory(top.resolve("other"));
    UnixDomainSocketAddress bound = UnixDomainSocketAddress.of(folder.resolve("socket"));
    names.bind(bound).listen(listener);

    Files.move(folder, top.resolve("moved"));
    assertThat(names.lookup(bound)).isSameAs(listener);
    assertMissing(UnixDomainSocketAddress.of(top.resolve("moved/socket")));
    Files.createSymbolicLink(folder, other);
    assertThat(names.lookup(bound)).isSameAs(listener);
  }

  @Test
  void twoSpellingsOfAPathAreOneName() throws Exception {
    names.bind(address("/run/app/../app/./socket")).listen(listener);

    assertThat(names.lookup(ADDRESS)).isSameAs(listener);
    assertThatThrownBy(() -> names.bind(ADDRESS)).isInstanceOf(BindException.class);
  }

  @Test
  void relativePathMeansOneInTheWorkingDirectory() throws Exception {
    names.bind(address("socket")).listen(listener);

    assertThat(names.lookup(UnixDomainSocketAddress.of(Path.of("socket").toAbsolutePath())))
        .isSameAs(listener);
  }

  @Test
  void boundAddressIsTheOneAskedFor() throws Exception {
    UnixDomainSocketAddress spelled = address("/run/./socket");
    assertThat(names.bind(spelled).address()).isEqualTo(spelled);
  }

  @Test
  void pathThatFitsNoAddressIsRefused() throws Exception {
    UnixDomainSocketAddress longest = address("/" + "x".repeat(105));
    UnixDomainSocketAddress tooLong = address("/" + "x".repeat(106));
    UnixDomainSocketAddress tooLongInUtf8 = address("/" + "\u00e9".repeat(53));

    names.bind(longest);
    for (UnixDomainSocketAddress each : new UnixDomainSocketAddress[] {tooLong, tooLongInUtf8}) {
      assertThatThrownBy(() -> names.bind(each))
          .isExactlyInstanceOf(SocketException.class)
          .hasMessage("Unix domain path too long");
      assertThatThrownBy(() -> names.lookup(each))
          .isExactlyInstanceOf(SocketException.class)
          .hasMessage("Unix domain path too long");
    }
  }

  @Test
  void freshNamesAreInTheTemporaryDirectoryAndDiffer() throws Exception {
    UnixDomainSocketAddress one = (UnixDomainSocketAddress) names.bind(names.freshPath()).address();
    UnixDomainSocketAddress other =
        (UnixDomainSocketAddress) names.bind(names.freshPath()).address();

    assertThat(one).isNotEqualTo(other);
    assertThat(one.getPath().getParent()).isEqualTo(TEMPORARY);
    assertThat(Files.exists(one.getPath())).isFalse();
    assertThat(names.lookup(one)).isNull();
  }
}
