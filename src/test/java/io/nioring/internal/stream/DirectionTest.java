package io.nioring.internal.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyInt;
import static org.mockito.Mockito.mockConstruction;
import static org.mockito.Mockito.when;

import io.nioring.internal.ring.ByteRing;
import io.nioring.internal.ring.MemoryPool;
import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mockito.MockedConstruction;

class DirectionTest {
  private static final int CAPACITY = 1_000;

  private final MemoryPool pool = new MemoryPool(false);
  private final Direction direction = new Direction(pool, CAPACITY, 1);

  private static ByteBuffer bytes(int count) {
    return ByteBuffer.allocate(count);
  }

  @Test
  void isEmptyAndWritableAndWithoutARingAtFirst() throws IOException {
    assertThat(direction.capacityBytes()).isEqualTo(CAPACITY);
    assertThat(direction.available()).isZero();
    assertThat(direction.totalRead()).isZero();
    assertThat(direction.writable()).isTrue();
    assertThat(direction.read(bytes(1))).isZero();
    assertThat(direction.idleSinceLastLook()).isFalse();
    direction.releaseIfEmpty();
    direction.leaveReader();
    direction.leaveWriter();
    assertThat(pool.bytesInUse()).isZero();
  }

  @Test
  void endsAfterTheLastByte() throws IOException {
    direction.write(bytes(10), null);
    direction.shut();
    assertThat(direction.isDone()).isFalse();
    assertThat(direction.end()).isTrue();

    assertThat(direction.end()).as("a second time").isFalse();
    assertThat(direction.isDone()).isTrue();
    assertThat(direction.isReaderGone()).isFalse();
    assertThat(direction.read(bytes(6))).isEqualTo(6);
    assertThat(direction.read(bytes(6))).isEqualTo(4);
    assertThat(direction.read(bytes(6))).isEqualTo(-1);
    assertThat(direction.readRing(bytes(6), true)).isZero();
    leave();
  }

  /**
   * The last bytes come between the reader's look and the bit.
   *
   * <pre>{@code
   * reader                    writer
   * looks: empty
   *                           writes 5 bytes
   *                           shuts
   * sees the bit
   * looks again: 5 bytes
   * }</pre>
   */
  @Test
  void bytesThatComeBetweenTheLookAndTheBitAreNotLost() throws IOException {
    try (MockedConstruction<ByteRing> rings = mockConstruction(ByteRing.class)) {
      direction.write(bytes(1), null);
      ByteRing ring = rings.constructed().get(0);
      when(ring.read(any(), anyInt())).thenAnswer(call -> call.getArgument(1));
      when(ring.readable(anyInt()))
          .thenAnswer(
              look -> {
                direction.shut();
                direction.end();
                return 0;
              })
          .thenReturn(5)
          .thenReturn(0);

      assertThat(direction.read(bytes(10))).isEqualTo(5);
      assertThat(direction.read(bytes(10))).isEqualTo(-1);
    }
  }

  @Test
  void takesNoBytesOnceItIsShutAndHasNoEndBeforeItIsDone() throws IOException {
    direction.write(bytes(10), null);
    direction.shut();

    assertThat(direction.isShut()).isTrue();
    assertThat(direction.writable()).isTrue();
    assertThat(direction.read(bytes(20))).isEqualTo(10);
    assertThat(direction.read(bytes(20))).isZero();
    direction.end();
    assertThat(direction.read(bytes(20))).isEqualTo(-1);
    leave();
  }

  @Test
  void resetIsReportedOnceAfterTheData() throws IOException {
    direction.write(bytes(10), null);
    direction.closeWriter(true, false);
    assertThat(direction.end()).isTrue();

    assertThat(direction.isReset()).isTrue();
    assertThat(direction.read(bytes(10))).isEqualTo(10);
    assertThatThrownBy(() -> direction.read(bytes(10)))
        .isExactlyInstanceOf(SocketException.class)
        .hasMessage("Connection reset");
    assertThat(direction.isReset()).isFalse();
    assertThat(direction.read(bytes(10))).isEqualTo(-1);
    leave();
  }

  @Test
  void resetShowsOnlyWhenTheDirectionIsDone() throws IOException {
    direction.abort();
    assertThat(direction.read(bytes(1))).isZero();
    direction.closeWriter(false, false);
    assertThat(direction.read(bytes(1))).as("a write may be inside").isZero();
    direction.end();
    assertThatThrownBy(() -> direction.read(bytes(1))).isInstanceOf(SocketException.class);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void endsThatCloseAndLeaveInOneStepGiveTheMemoryBack(boolean writerFirst) throws IOException {
    direction.write(bytes(10), null);
    if (writerFirst) {
      assertThat(direction.closeWriter(false, true)).as("reader closed before").isFalse();
      assertThat(direction.isDone()).isTrue();
      assertThat(direction.read(bytes(20))).isEqualTo(10);
      assertThat(direction.read(bytes(20))).isEqualTo(-1);
      direction.closeReader(true);
    } else {
      direction.closeReader(true);
      assertThat(pool.bytesInUse()).isPositive();
      assertThat(direction.closeWriter(false, true)).as("reader closed before").isTrue();
    }
    assertThat(pool.bytesInUse()).isZero();
  }

  @Test
  void closingTheReaderShutsTheDirection() {
    direction.closeReader(false);
    assertThat(direction.isReaderGone()).isTrue();
    assertThat(direction.isDone()).isTrue();
    assertThat(direction.isShut()).isTrue();
    assertThat(direction.writable()).isTrue();
    assertThat(pool.bytesInUse()).isZero();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void lastOfTheTwoEndsToLeaveGivesMemoryBack(boolean readerFirst) throws IOException {
    direction.write(bytes(10), null);
    if (readerFirst) {
      direction.leaveReader();
    } else {
      direction.leaveWriter();
    }
    assertThat(pool.bytesInUse()).isPositive();
    if (readerFirst) {
      direction.leaveWriter();
    } else {
      direction.leaveReader();
    }
    assertThat(pool.bytesInUse()).isZero();
  }

  @Test
  void releasesIdleMemoryAndContinues() throws IOException {
    direction.write(bytes(10), null);
    direction.releaseIfEmpty();
    assertThat(direction.read(bytes(10))).isEqualTo(10);
    assertThat(direction.idleSinceLastLook()).isFalse();
    assertThat(direction.idleSinceLastLook()).isTrue();
    direction.releaseIfEmpty();
    assertThat(pool.bytesInUse()).isZero();

    assertThat(direction.write(bytes(2_000), null)).isEqualTo(CAPACITY);
    assertThat(direction.totalRead()).isEqualTo(10);
    leave();
  }

  private void leave() {
    direction.leaveReader();
    direction.leaveWriter();
    assertThat(pool.bytesInUse()).isZero();
  }
}
