package io.nioring.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Which paths lead to a bound name, through folders, links and files. */
class UnixNameContractTest {
  @TempDir private Path directory;

  private Path real;
  private Path link;

  @BeforeEach
  void makeFolders() throws IOException {
    real = Files.createDirectory(directory.resolve("real"));
    link = Files.createSymbolicLink(directory.resolve("link"), real);
  }

  private static UnixDomainSocketAddress at(Path path) {
    return UnixDomainSocketAddress.of(path);
  }

  @EachUnix
  void nameIsFoundThroughALinkedFolder(TestTransport transport) throws IOException {
    ServerSocketChannel server = transport.openServer().bind(at(real.resolve("s")));

    SocketChannel client = transport.openClient();
    client.connect(at(link.resolve("s")));

    assertThat(client.getRemoteAddress()).isEqualTo(at(link.resolve("s")));
    assertThat(transport.accept(server)).isNotNull();
    SocketChannel other = transport.openClient();
    assertThat(other.connect(at(link.resolve("../real/s")))).isTrue();
  }

  @EachUnix
  void nameIsTakenThroughALinkedFolderToo(TestTransport transport) throws IOException {
    transport.openServer().bind(at(link.resolve("s")));

    ServerSocketChannel second = transport.openServer();
    assertThatThrownBy(() -> second.bind(at(real.resolve("s")))).isInstanceOf(BindException.class);
    assertThat(transport.openClient().connect(at(real.resolve("s")))).isTrue();
  }

  @EachUnix
  void nameIsFoundThroughALinkToIt(TestTransport transport) throws IOException {
    transport.openServer().bind(at(real.resolve("s")));
    Path toName = Files.createSymbolicLink(directory.resolve("to-name"), real.resolve("s"));
    Path relative = Files.createSymbolicLink(directory.resolve("relative"), Path.of("real/s"));

    assertThat(transport.openClient().connect(at(toName))).isTrue();
    assertThat(transport.openClient().connect(at(relative))).isTrue();
    ServerSocketChannel second = transport.openServer();
    assertThatThrownBy(() -> second.bind(at(toName))).isInstanceOf(BindException.class);
  }

  @EachUnix
  void linkToNowhereAndLinkToItselfAreNoNames(TestTransport transport) throws IOException {
    Path nowhere = Files.createSymbolicLink(directory.resolve("nowhere"), real.resolve("none"));
    SocketChannel client = transport.openClient();
    assertThatThrownBy(() -> client.connect(at(nowhere)))
        .isExactlyInstanceOf(SocketException.class)
        .hasMessage("No such file or directory");
    Path itself = directory.resolve("itself");
    Files.createSymbolicLink(itself, itself);
    SocketChannel other = transport.openClient();
    assertThatThrownBy(() -> other.connect(at(itself))).isInstanceOf(SocketException.class);
  }

  @EachUnix
  void otherFileIsRefusedAndInTheWay(TestTransport transport) throws IOException {
    Path file = Files.createFile(directory.resolve("file"));
    for (Path each : new Path[] {file, directory}) {
      SocketChannel client = transport.openClient();
      assertThatThrownBy(() -> client.connect(at(each)))
          .isExactlyInstanceOf(ConnectException.class)
          .hasMessage("Connection refused");
      ServerSocketChannel server = transport.openServer();
      assertThatThrownBy(() -> server.bind(at(each)))
          .isExactlyInstanceOf(BindException.class)
          .hasMessageStartingWith("Address already in use");
    }
  }

  @EachUnix
  void linkThatLeadsElsewhereNowDoesNotLeadToTheName(TestTransport transport) throws IOException {
    transport.openServer().bind(at(link.resolve("s")));
    Files.delete(link);
    Files.createSymbolicLink(link, Files.createDirectory(directory.resolve("new")));

    SocketChannel client = transport.openClient();
    assertThatThrownBy(() -> client.connect(at(link.resolve("s"))))
        .hasMessage("No such file or directory");
    assertThat(transport.openClient().connect(at(real.resolve("s")))).isTrue();
  }
}
