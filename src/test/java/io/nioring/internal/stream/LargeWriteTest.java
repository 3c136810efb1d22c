package io.nioring.internal.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nioring.internal.poll.Readiness;
import io.nioring.internal.poll.Waiter;
import io.nioring.testkit.WakeUps;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Writes of more bytes than are published at once. */
class LargeWriteTest {
  private static final int CAPACITY = 1 << 20;
  private static final int PART = 1 << 16;
  private static final int BYTES = 3 * PART + 1;
  private static final String BROKEN_PIPE = "Broken pipe";

  private Ends ends = new Ends(CAPACITY);

  /** What is read, from the first byte on. */
  private final ByteBuffer read = ByteBuffer.allocate(2 * CAPACITY);

  @AfterEach
  void memoryComesBack() {
    ends.a.close(false);
    ends.b.close(false);
    assertThat(ends.pool.bytesInUse()).isZero();
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "65536, 1", "65537, 2", "131072, 2", "200000, 4"})
  void theReaderIsWokenForEachPart(int bytes, int wakeUps) throws Exception {
    assertThat(Ends.write(ends.a, bytes)).isEqualTo(bytes);

    assertThat(ends.wakeUps(ends.b)).isEqualTo(WakeUps.ofParts(wakeUps));
    assertThat(Ends.read(ends.b, CAPACITY)).isEqualTo(bytes);
  }

  /** The reader cannot give memory back while the writer is inside. */
  @Test
  void memoryOfAWriteThatIsReadBeforeItEndsComesBackThen() throws Exception {
    ends.a.lockWrite();
    try {
      ends.a.write(ByteBuffer.allocate(200_000));
      assertThat(Ends.read(ends.b, CAPACITY)).isEqualTo(200_000);
    } finally {
      ends.a.unlockWrite(true);
    }
    assertThat(ends.pool.bytesInUse()).isGreaterThan(8 * 1024);

    ends.a.shrinkOutput();

    assertThat(ends.pool.bytesInUse()).isLessThanOrEqualTo(8 * 1024);
    assertThat(Ends.write(ends.a, 10)).isEqualTo(10);
    assertThat(Ends.read(ends.b, CAPACITY)).isEqualTo(10);
  }

  @Test
  void aFullRingEndsIt() throws Exception {
    assertThat(Ends.write(ends.a, CAPACITY - 1)).isEqualTo(CAPACITY - 1);
    ends.wakeUps(ends.b);

    assertThat(Ends.write(ends.a, 200_000)).isEqualTo(1);

    assertThat(ends.wakeUps(ends.b)).containsExactly(Readiness.IN);
    assertThat(Ends.read(ends.b, CAPACITY)).isEqualTo(CAPACITY);
  }

  // -- what happens between two parts

  /** Something that a peer, or another thread, does while a write goes on. */
  private interface Event {
    void happens() throws IOException;
  }

  private enum Rules {
    TCP,
    UNIX
  }

  /** Writes some parts, and lets something happen behind the first of them. */
  private void write(Rules rules, Event event) throws IOException {
    ends = rules == Rules.TCP ? Ends.tcp(CAPACITY) : ends;
    boolean[] happened = new boolean[1];
    ends.b
        .poll()
        .add(
            new Waiter() {
              @Override
              public void wake(int bits) {
                if (!happened[0]) {
                  happened[0] = true;
                  try {
                    assertThat(ends.b.available()).isEqualTo(PART);
                    event.happens();
                  } catch (IOException e) {
                    throw new AssertionError(e);
                  }
                }
              }

              @Override
              public boolean wants(int bits) {
                return true;
              }
            });
    assertThat(Ends.write(ends.a, pattern(0, BYTES))).isEqualTo(BYTES);
    assertThat(happened[0]).isTrue();
  }

  private static ByteBuffer pattern(int from, int count) {
    ByteBuffer bytes = ByteBuffer.allocate(count);
    for (int i = 0; i < count; i++) {
      bytes.put(i, (byte) ((from + i) % 251));
    }
    return bytes;
  }

  private int readAll() throws IOException {
    return Ends.read(ends.b, read);
  }

  private void assertReadSoFar(int bytes) {
    assertThat(read.duplicate().flip()).isEqualTo(pattern(0, bytes));
  }

  private void assertWriteFails(String message) {
    assertThatThrownBy(() -> Ends.write(ends.a, 1))
        .isExactlyInstanceOf(IOException.class)
        .hasMessage(message);
  }

  @ParameterizedTest
  @EnumSource(Rules.class)
  void aReaderThatEmptiesTheRingGetsTheRest(Rules rules) throws Exception {
    write(
        rules,
        () -> {
          assertThat(readAll()).isEqualTo(PART);
          ends.a.releaseIdleOutput();
          ends.a.releaseIdleOutput();
        });

    assertThat(readAll()).isEqualTo(BYTES - PART);
    assertReadSoFar(BYTES);
  }

  @ParameterizedTest
  @EnumSource(Rules.class)
  void thePeerReadsAllThereIsAndCloses(Rules rules) throws Exception {
    write(
        rules,
        () -> {
          readAll();
          ends.b.close(false);
        });

    assertWriteFails(BROKEN_PIPE);
    assertWriteFails(BROKEN_PIPE);
  }

  @ParameterizedTest
  @CsvSource({"TCP, Connection reset by peer", "UNIX, Broken pipe"})
  void thePeerClosesWithBytesUnread(Rules rules, String message) throws Exception {
    write(
        rules,
        () -> {
          Ends.read(ends.b, 10);
          ends.b.close(false);
        });

    assertWriteFails(message);
    assertWriteFails(BROKEN_PIPE);
  }

  /** The reader meets the end only behind the parts that were to come when this end was ended. */
  private void assertTheRestFollows(Rules rules, Event end) throws Exception {
    write(
        rules,
        () -> {
          end.happens();
          assertThat(readAll()).isEqualTo(PART);
          assertThat(readAll()).isZero();
        });

    assertThat(readAll()).isEqualTo(BYTES - PART);
    assertThat(readAll()).isEqualTo(-1);
    assertReadSoFar(BYTES);
  }

  @ParameterizedTest
  @EnumSource(Rules.class)
  void theEndOfTheStreamComesBehindTheLastPart(Rules rules) throws Exception {
    assertTheRestFollows(rules, () -> ends.a.shutdownOutput());
  }

  @ParameterizedTest
  @EnumSource(Rules.class)
  void theOwnCloseLeavesTheRestToTheReader(Rules rules) throws Exception {
    assertTheRestFollows(rules, () -> ends.a.close(false));
  }

  @ParameterizedTest
  @EnumSource(Rules.class)
  void thePeersChannelIsDropped(Rules rules) throws Exception {
    write(rules, () -> ends.b.abandon());

    assertThat(ends.pool.bytesInUse()).isZero();
    assertThat(Ends.write(ends.a, CAPACITY)).isEqualTo(CAPACITY - BYTES);
  }
}
