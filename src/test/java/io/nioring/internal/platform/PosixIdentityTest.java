package io.nioring.internal.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import jdk.net.ExtendedSocketOptions;
import jdk.net.UnixDomainPrincipal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PosixIdentityTest {

  /** The kernel is the oracle: this process connects to itself. */
  @Test
  void isWhatTheKernelReportsToThePeerOfASocket(@TempDir Path directory) throws IOException {
    SelectorProvider kernel = PlatformProvider.lazy().get();
    UnixDomainSocketAddress address = UnixDomainSocketAddress.of(directory.resolve("s"));
    try (ServerSocketChannel server =
            kernel.openServerSocketChannel(StandardProtocolFamily.UNIX).bind(address);
        SocketChannel client = kernel.openSocketChannel(StandardProtocolFamily.UNIX)) {
      client.connect(server.getLocalAddress());
      UnixDomainPrincipal peer = client.getOption(ExtendedSocketOptions.SO_PEERCRED);
      PosixIdentity identity = PosixIdentity.ofProcess();

      assertThat(identity.principal()).isEqualTo(peer);
      assertThat(identity.userName()).isEqualTo(peer.user().getName());
      assertThat(identity.groupName()).isEqualTo(peer.group().getName());
    }
  }

  @Test
  void hasTheProcessIdAndTheIdsOfItsFiles(@TempDir Path directory) throws IOException {
    PosixIdentity identity = PosixIdentity.ofProcess();
    Path file = Files.createFile(directory.resolve("f"));

    assertThat(identity.pid()).isEqualTo(ProcessHandle.current().pid());
    assertThat((int) identity.uid()).isEqualTo(Files.getAttribute(file, "unix:uid"));
    assertThat((int) identity.gid()).isEqualTo(Files.getAttribute(file, "unix:gid"));
  }

  @Test
  void principalsEqualThoseOfFiles(@TempDir Path directory) throws IOException {
    Path file = Files.createFile(directory.resolve("f"));
    PosixFileAttributes attributes = Files.readAttributes(file, PosixFileAttributes.class);

    assertThat(PosixIdentity.ofProcess().user()).isEqualTo(attributes.owner());
    assertThat(PosixIdentity.ofProcess().group()).isEqualTo(attributes.group());
  }

  @Test
  void isFoundOutOnce() {
    assertThat(PosixIdentity.ofProcess()).isSameAs(PosixIdentity.ofProcess());
  }

  @Test
  void namesThatTheSystemDoesNotKnowStillMakePrincipals() {
    PosixIdentity identity =
        new PosixIdentity(1, 2, 3, "no such user, surely", "no such group, surely");

    assertThat(identity.user().getName()).isEqualTo("no such user, surely");
    assertThat(identity.user()).hasToString("no such user, surely").isEqualTo(identity.user());
    assertThat(identity.group().getName()).isEqualTo("no such group, surely");
    assertThat(identity.group()).hasToString("no such group, surely").isEqualTo(identity.group());
    assertThat(identity.principal())
        .isEqualTo(new UnixDomainPrincipal(identity.user(), identity.group()));
  }

  @Test
  void namesAreNeverNull() {
    assertThatNullPointerException()
        .isThrownBy(() -> new PosixIdentity(1, 2, 3, null, "g"))
        .withMessage("userName");
    assertThatNullPointerException()
        .isThrownBy(() -> new PosixIdentity(1, 2, 3, "u", null))
        .withMessage("groupName");
  }
}
