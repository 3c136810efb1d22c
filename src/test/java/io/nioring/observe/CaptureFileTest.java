package io.nioring.observe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nioring.RingNetwork;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which files captures make, leave alone and remove. */
class CaptureFileTest {
  private static final CaptureOptions ROTATING =
      CaptureOptions.builder().fileSizeBytes(4_096).files(2).blocking(true).build();

  private final RingNetwork network = RingNetwork.open();
  private final RingNetwork other = RingNetwork.open();

  @TempDir private Path folder;
  private Path file;

  @BeforeEach
  void nameFile() throws IOException {
    file = Files.createDirectory(folder.resolve("captures")).resolve("a.pcapng");
  }

  @AfterEach
  void closeNetworks() {
    network.close();
    other.close();
  }

  private void connectOnce() throws IOException {
    try (ServerSocketChannel listener = network.provider().openServerSocketChannel();
        SocketChannel client = network.provider().openSocketChannel()) {
      listener.bind(new InetSocketAddress("127.0.0.1", 0));
      client.connect(listener.getLocalAddress());
      listener.accept().close();
    }
  }

  private List<String> names() throws IOException {
    try (Stream<Path> all = Files.list(file.getParent())) {
      return all.map(each -> each.getFileName().toString()).sorted().toList();
    }
  }

  private Path spelled(String how) throws IOException {
    return switch (how) {
      case "the same" -> file;
      case "with dots" -> file.resolveSibling("../captures/./a.pcapng");
      case "relative" -> Path.of("").toAbsolutePath().relativize(file);
      case "by a linked folder" ->
          Files.createSymbolicLink(folder.resolve("linked"), file.getParent()).resolve("a.pcapng");
      case "by a link" -> Files.createSymbolicLink(folder.resolve("link"), file);
      case "by a hard link" -> Files.createLink(folder.resolve("hard"), file);
      default -> throw new IllegalArgumentException(how);
    };
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "the same",
        "with dots",
        "relative",
        "by a linked folder",
        "by a link",
        "by a hard link"
      })
  void aFileHasOneCapture(String spelling) throws Exception {
    Capture first = Capture.start(network, file);
    Path again = spelled(spelling);
    assertThatThrownBy(() -> Capture.start(other, again))
        .isInstanceOf(FileSystemException.class)
        .hasMessageContaining(again.toString())
        .hasMessageContaining("a running capture of this JVM writes this file");
    connectOnce();
    first.close();
    assertThat(PcapngFile.read(file).packets()).isNotEmpty();
    Capture.start(other, again).close();
    assertThat(PcapngFile.read(file).packets()).isEmpty();
  }

  @Test
  void aFileThatWasMovedAwayIsAnotherOne() throws Exception {
    Path moved = folder.resolve("moved");
    try (Capture first = Capture.start(network, file)) {
      Files.move(file, moved);
      Capture.start(other, file).close();
      assertThatThrownBy(() -> Capture.start(other, moved))
          .hasMessageContaining("moved: a running");
      assertThat(first.isRunning()).isTrue();
    }
    assertThat(PcapngFile.read(moved).packets()).isEmpty();
  }

  @Test
  void aPipeHasOneCaptureButADeviceMany() throws Exception {
    Path device = Path.of("/dev/null");
    Capture.start(network, device);
    Capture.start(network, device);
    Path pipe = folder.resolve("pipe");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    Process reader =
        new ProcessBuilder("cat", pipe.toString())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    try (Capture first = Capture.start(network, pipe)) {
      assertThatThrownBy(() -> Capture.start(other, pipe)).hasMessageContaining("pipe: a running");
      assertThat(first.isRunning()).isTrue();
    }
    assertThat(reader.waitFor()).isZero();
  }

  @Test
  void theNamesOfARotationBelongToOneCapture() throws Exception {
    Path finished = file.resolveSibling("a-00001.pcapng");
    Path later = file.resolveSibling("a-00070.pcapng");
    try (Capture first = Capture.start(network, file, ROTATING)) {
      for (int i = 0; i < 60; i++) {
        connectOnce();
      }
      assertThat(first.isRunning()).isTrue();
    }
    assertThat(names()).hasSize(2).doesNotContain("a-00001.pcapng");
    try (Capture first = Capture.start(network, file, ROTATING)) {
      assertThatThrownBy(() -> Capture.start(other, finished))
          .hasMessageContaining("a-00001.pcapng:");
      assertThatThrownBy(() -> Capture.start(other, later)).hasMessageContaining("a-00070.pcapng:");
      assertThatThrownBy(() -> Capture.start(other, file, ROTATING))
          .hasMessageContaining("a-00001.pcapng: a running");
      assertThat(names()).doesNotContain("a-00070.pcapng");
      Capture.start(other, file).close(); // has a name of its own
      assertThat(first.isRunning()).isTrue();
    }
    try (Capture first = Capture.start(network, later)) {
      assertThatThrownBy(() -> Capture.start(other, file, ROTATING))
          .hasMessageContaining("a-00070.pcapng: a running");
      assertThat(first.isRunning()).isTrue();
    }
    Capture.start(other, file, ROTATING).close();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatCannotBeginLeavesNoFile(boolean isRotating) throws Exception {
    CaptureOptions.Builder failing = CaptureOptions.builder().keyLog(folder.resolve("no-keys"));
    CaptureOptions options =
        isRotating ? failing.fileSizeBytes(4_096).files(2).build() : failing.build();
    assertThatThrownBy(() -> Capture.start(network, file, options))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("no-keys");
    assertThat(names()).isEmpty();
    Capture.start(network, file).close(); // nothing is claimed any more
  }

  @Test
  void aFileThatWasThereStays() throws Exception {
    Files.writeString(file, "of somebody");
    CaptureOptions options = CaptureOptions.builder().keyLog(folder.resolve("no-keys")).build();
    assertThatThrownBy(() -> Capture.start(network, file, options))
        .isInstanceOf(NoSuchFileException.class);
    assertThat(names()).containsExactly("a.pcapng");
  }

  @Test
  void whatIsMadeAtTheEndOfALinkIsRemoved() throws Exception {
    Path link = Files.createSymbolicLink(folder.resolve("link"), file);
    CaptureOptions options = CaptureOptions.builder().keyLog(folder.resolve("no-keys")).build();
    assertThatThrownBy(() -> Capture.start(network, link, options))
        .isInstanceOf(NoSuchFileException.class);
    assertThat(names()).isEmpty();
    assertThat(link).isSymbolicLink();
    Capture.start(network, link).close();
    assertThat(PcapngFile.read(file).packets()).isEmpty();
  }
}
