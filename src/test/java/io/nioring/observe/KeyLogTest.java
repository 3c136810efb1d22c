package io.nioring.observe;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class KeyLogTest {
  private static final int PIECE = 16;

  @TempDir private Path folder;

  private final List<String> told = new ArrayList<>();
  private Path file;
  private KeyLog log;

  @BeforeEach
  void makeFile() throws IOException {
    file = Files.writeString(folder.resolve("keys"), "");
    log = new KeyLog(file, PIECE);
  }

  private void append(String text) throws IOException {
    Files.writeString(file, text, StandardOpenOption.APPEND);
  }

  private void take(byte[] lines) {
    told.add(new String(lines, US_ASCII));
  }

  private List<String> added() throws IOException {
    told.clear();
    log.added(this::take);
    return told;
  }

  @Test
  void linesAreToldInPieces() throws IOException {
    append("A 1\nB 22\nC 333\nD 4444\nE 5\nF");
    log.all(this::take);
    assertThat(told).containsExactly("A 1\nB 22\nC 333\n", "D 4444\nE 5\n");
    assertThat(added()).isEmpty();
    append(" 6\n");
    assertThat(added()).containsExactly("F 6\n");
    log.all(this::take);
    assertThat(String.join("", told)).endsWith("A 1\nB 22\nC 333\nD 4444\nE 5\nF 6\n");
  }

  @Test
  void aLineThatIsTooLongIsLeftOut() throws IOException {
    append("A 1\n" + "x".repeat(3 * PIECE) + "\nB 2\n" + "y".repeat(PIECE + 1));
    assertThat(added()).containsExactly("A 1\n", "B 2\n");
    append("y".repeat(2 * PIECE));
    assertThat(added()).isEmpty();
    append("\nC 3\n");
    assertThat(added()).containsExactly("C 3\n");
  }

  @Test
  void aFileThatIsEmptiedOrReplacedIsReadFromItsBeginning() throws IOException {
    append("A 1\nB 2\n");
    assertThat(added()).containsExactly("A 1\nB 2\n");
    Files.writeString(file, "C 3\n");
    assertThat(added()).containsExactly("C 3\n");
    Files.delete(file);
    assertThat(added()).isEmpty();
    Files.writeString(file, "D 4\nE 5\n");
    assertThat(added()).containsExactly("D 4\nE 5\n");
  }

  @Test
  void aFileThatIsNotThereFailsAtTheBeginningOnly() throws IOException {
    Files.delete(file);
    assertThatThrownBy(() -> log.all(this::take)).isInstanceOf(NoSuchFileException.class);
    assertThat(added()).isEmpty();
  }

  /** Its length is no length of an array. */
  @Test
  @Timeout(300)
  void aFileMayBeLongerThanAnArray() throws IOException {
    KeyLog whole = new KeyLog(file);
    whole.all(this::take);
    try (SeekableByteChannel hole = Files.newByteChannel(file, StandardOpenOption.WRITE)) {
      hole.position(1L << 31).write(ByteBuffer.wrap("\nA 1\n".getBytes(US_ASCII)));
    }
    whole.added(this::take);
    assertThat(told).containsExactly("A 1\n");
  }
}
