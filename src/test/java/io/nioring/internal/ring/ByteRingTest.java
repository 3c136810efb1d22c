package io.nioring.internal.ring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyBoolean;
import static org.mockito.ArgumentMatchers.anyInt;
import static org.mockito.Mockito.doAnswer;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.spy;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import io.nioring.socket.ByteTarget;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mockito.invocation.InvocationOnMock;
import org.mockito.stubbing.Answer;
import org.mockito.stubbing.OngoingStubbing;

/** A ring used by one thread at a time; {@link ByteRingTransferTest} uses it with two. */
@SuppressWarnings("NarrowCalculation") // small numbers
class ByteRingTest {
  private static final int KIB = 1024;
  private static final int MIB = 1024 * KIB;

  private final MemoryPool pool = new MemoryPool(false);
  private final List<ByteRing> rings = new ArrayList<>();

  @AfterEach
  void everythingIsGivenBack() {
    rings.forEach(ByteRing::release);
    assertThat(pool.bytesInUse()).isZero();
  }

  private ByteRing ring(int capacityBytes) {
    return ring(capacityBytes, 0);
  }

  private ByteRing ring(int capacityBytes, long firstIndex) {
    ByteRing ring = new ByteRing(pool, capacityBytes, firstIndex);
    rings.add(ring);
    return ring;
  }

  static Stream<Arguments> capacitiesAndFirstIndexes() {
    int[] capacities = {1, 2, 3, 100, 8191, 8192, 8193, 70_000};
    long[] firstIndexes = {0, 5, Long.MAX_VALUE - 100_000, Long.MAX_VALUE - 1, Long.MAX_VALUE};
    return Stream.of(capacities)
        .flatMapToInt(java.util.Arrays::stream)
        .boxed()
        .flatMap(
            capacity ->
                java.util.Arrays.stream(firstIndexes)
                    .mapToObj(firstIndex -> Arguments.of(capacity, firstIndex)));
  }

  // -- bounds

  @ParameterizedTest
  @ValueSource(ints = {Integer.MIN_VALUE, -1, 0, (1 << 30) + 1, Integer.MAX_VALUE})
  void refusesACapacityOutOfBounds(int capacityBytes) {
    assertThatThrownBy(() -> new ByteRing(pool, capacityBytes))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("capacity " + capacityBytes);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 8192, 1 << 30})
  void isEmptyAndWithoutMemoryAtFirst(int capacityBytes) {
    ByteRing ring = ring(capacityBytes);

    assertThat(ring.capacity()).isEqualTo(capacityBytes);
    assertThat(ring.size()).isZero();
    assertThat(ring.free()).isEqualTo(capacityBytes);
    assertThat(ring.hasMemory()).isFalse();
    assertThat(ring.read(ByteBuffer.allocate(8))).isZero();
    assertThat(peek(ring, ByteBuffer.allocate(8), 8)).isZero();
    assertThat(pool.bytesInUse()).isZero();
  }

  @ParameterizedTest
  @MethodSource("capacitiesAndFirstIndexes")
  void holdsJustItsCapacity(int capacityBytes, long firstIndex) {
    ByteRing ring = ring(capacityBytes, firstIndex);
    ByteBuffer src = Pattern.from(firstIndex, capacityBytes + 10);

    assertThat(ring.write(src)).isEqualTo(capacityBytes);
    assertThat(src.remaining()).isEqualTo(10);
    assertThat(ring.size()).isEqualTo(capacityBytes);
    assertThat(ring.free()).isZero();
    assertThat(ring.write(src)).isZero();
    assertThat(src.remaining()).isEqualTo(10);

    ByteBuffer dst = ByteBuffer.allocate(capacityBytes + 10);
    assertThat(ring.read(dst)).isEqualTo(capacityBytes);
    Pattern.check(dst.flip(), firstIndex);
    assertThat(ring.size()).isZero();
    assertThat(ring.free()).isEqualTo(capacityBytes);
    assertThat(ring.read(dst.clear())).isZero();
  }

  @ParameterizedTest
  @MethodSource("capacitiesAndFirstIndexes")
  void keepsOrderThroughRandomWritesReadsAndPeeks(int capacityBytes, long firstIndex) {
    long seed = ThreadLocalRandom.current().nextLong();
    try {
      randomRun(ring(capacityBytes, firstIndex), firstIndex, new Random(seed));
    } catch (Throwable e) {
      throw new AssertionError("seed " + seed, e);
    }
  }

  private static void randomRun(ByteRing ring, long firstIndex, Random random) {
    int capacity = ring.capacity();
    long written = firstIndex;
    long read = firstIndex;
    for (int step = 0; step < 400; step++) {
      int size = random.nextInt(2 * capacity + 2);
      switch (random.nextInt(4)) {
        case 0, 1 -> {
          int taken = ring.write(Pattern.from(written, size));
          assertThat(taken).isEqualTo(Math.min(size, capacity - (int) (written - read)));
          written += taken;
        }
        case 2 -> {
          ByteBuffer dst = ByteBuffer.allocate(size);
          int given = ring.read(dst);
          assertThat(given).isEqualTo(Math.min(size, (int) (written - read)));
          Pattern.check(dst.flip(), read);
          read += given;
        }
        default -> {
          ByteBuffer dst = ByteBuffer.allocate(size);
          assertThat(peek(ring, dst, size)).isEqualTo(Math.min(size, (int) (written - read)));
          Pattern.check(dst.flip(), read);
        }
      }
      assertThat(ring.size()).isEqualTo((int) (written - read));
      assertThat(ring.free()).isEqualTo(capacity - ring.size());
    }
    assertThat(ring.totalWritten()).isEqualTo(written);
    assertThat(ring.totalRead()).isEqualTo(read);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 8191, 8192, 8193})
  void everySplitOfAFullRingComesOutInOrder(int capacityBytes) {
    ByteRing ring = ring(capacityBytes);
    long index = 0;
    int step = Math.max(1, capacityBytes / 7);
    for (int split = 0; split <= capacityBytes; split += step) {
      assertThat(ring.write(Pattern.from(index, capacityBytes))).isEqualTo(capacityBytes);
      ByteBuffer dst = ByteBuffer.allocate(capacityBytes);
      assertThat(ring.read(dst, split)).isEqualTo(split);
      assertThat(ring.read(dst)).isEqualTo(capacityBytes - split);
      Pattern.check(dst.flip(), index);
      index += capacityBytes;
    }
  }

  // -- buffers

  @Test
  void emptyBuffersMoveNothingAndTakeNoMemory() {
    ByteRing ring = ring(100);

    assertThat(ring.write(ByteBuffer.allocate(0))).isZero();
    assertThat(ring.hasMemory()).isFalse();
    ring.write(Pattern.from(0, 10));
    assertThat(ring.read(ByteBuffer.allocate(0))).isZero();
    assertThat(peek(ring, ByteBuffer.allocate(0), 0)).isZero();
    assertThat(ring.size()).isEqualTo(10);
  }

  @Test
  void usesWhatIsBetweenPositionAndLimitOfAnyKindOfBuffer() {
    ByteRing ring = ring(100);
    ByteBuffer direct = ByteBuffer.allocateDirect(40).put(7, Pattern.from(0, 5).array());
    assertThat(ring.write(direct.limit(12).position(7))).isEqualTo(5);
    assertThat(direct.position()).isEqualTo(12);
    ByteBuffer readOnly = Pattern.from(5, 5).asReadOnlyBuffer();
    assertThat(ring.write(readOnly)).isEqualTo(5);
    ByteBuffer slice = ByteBuffer.allocate(30).put(10, Pattern.from(10, 5).array()).slice(10, 5);
    assertThat(ring.write(slice)).isEqualTo(5);

    ByteBuffer dst = ByteBuffer.allocateDirect(40).limit(23).position(8);
    assertThat(ring.read(dst)).isEqualTo(15);
    assertThat(dst.position()).isEqualTo(23);
    Pattern.check(dst.position(8), 0);
  }

  @Test
  void readsNoMoreThanTheLimitSays() {
    ByteRing ring = ring(100);
    ring.write(Pattern.from(0, 20));
    ByteBuffer dst = ByteBuffer.allocate(100);

    assertThat(ring.read(dst, 0)).isZero();
    assertThat(ring.read(dst, 7)).isEqualTo(7);
    assertThat(peek(ring, dst, 5)).isEqualTo(5);
    assertThat(ring.size()).isEqualTo(13);
    Pattern.check(dst.flip(), 0);
  }

  @Test
  void peekContinuesIntoTheNextSegmentAndConsumesNothing() {
    ByteRing ring = ring(MIB);
    ring.write(Pattern.from(0, 8 * KIB));
    ring.write(Pattern.from(8 * KIB, 10 * KIB));

    for (int i = 0; i < 2; i++) {
      ByteBuffer dst = ByteBuffer.allocate(20 * KIB);
      assertThat(peek(ring, dst, dst.capacity())).isEqualTo(18 * KIB);
      Pattern.check(dst.flip(), 0);
    }
    assertThat(ring.size()).isEqualTo(18 * KIB);
    assertThat(ring.totalRead()).isZero();
  }

  /**
   * As when a buffer's arena is closed by another thread. Here there is less room than was said.
   */
  @Test
  void readThatFailsInTheNextSegmentHasTakenWhatItGave() {
    ByteRing ring = ring(MIB);
    ring.write(Pattern.from(0, 8 * KIB));
    ring.write(Pattern.from(8 * KIB, 10 * KIB));
    ByteBuffer dst = ByteBuffer.allocate(10 * KIB);

    assertThatThrownBy(() -> ring.read(dst, 18 * KIB))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThat(ring.totalRead()).isEqualTo(8 * KIB);
    ring.read(dst);
    Pattern.check(dst.flip(), 0);
    ByteBuffer rest = ByteBuffer.allocate(8 * KIB);
    ring.read(rest);
    Pattern.check(rest.flip(), 10 * KIB);
  }

  // -- parts

  @Test
  void aLargeWriteIsPublishedPartByPart() {
    ByteRing ring = ring(MIB, Long.MAX_VALUE - 100);
    List<Integer> sizes = new ArrayList<>();
    int bytes = 2 * ByteRing.PART_BYTES + 1;

    assertThat(ring.write(ByteBuffer.allocate(bytes), () -> sizes.add(ring.size())))
        .isEqualTo(bytes);

    assertThat(sizes).containsExactly(ByteRing.PART_BYTES, 2 * ByteRing.PART_BYTES);
    assertThat(ring.size()).isEqualTo(bytes);
  }

  @Test
  void partsAreReadWhileTheNextAreWritten() {
    ByteRing ring = ring(MIB);
    ByteBuffer target = ByteBuffer.allocate(3 * ByteRing.PART_BYTES);

    ring.write(Pattern.from(0, target.capacity()), () -> ring.read(target));
    assertThat(target.position()).isEqualTo(2 * ByteRing.PART_BYTES);
    ring.read(target);

    Pattern.check(target.flip(), 0);
    assertThat(ring.size()).isZero();
  }

  @Test
  void whatIsReadMeanwhileMakesNoRoomForTheWrite() {
    ByteRing ring = ring(2 * ByteRing.PART_BYTES);
    ByteBuffer target = ByteBuffer.allocate(MIB);

    int taken = ring.write(ByteBuffer.allocate(MIB), () -> ring.read(target));

    assertThat(taken).isEqualTo(ring.capacity());
  }

  @Test
  void oneThatIsNotLargeIsPublishedAtOnce() {
    ByteRing ring = ring(MIB);
    ByteRing.Progress unexpected =
        () -> {
          throw new AssertionError();
        };

    assertThat(ring.write(ByteBuffer.allocate(ByteRing.PART_BYTES), unexpected))
        .isEqualTo(ByteRing.PART_BYTES);
    assertThat(ring.write(ByteBuffer.allocate(0), unexpected)).isZero();
  }

  // -- head starts

  /** Writes and reads a message, as a reader does that finds it at once. */
  private static void pass(ByteRing ring, int bytes) {
    ring.write(ByteBuffer.allocate(bytes));
    assertThat(ring.readable(bytes)).isEqualTo(bytes);
    ring.read(ByteBuffer.allocate(bytes));
  }

  /** Passes small messages, more at a time the longer the writer's head start was. */
  private static ByteRing passing(ByteRing ring, int times, int bytes) {
    int headStart = 0;
    for (int i = 0; i < times; i++) {
      pass(ring, bytes + headStart);
      headStart = ring.headStart(0);
    }
    return ring;
  }

  @Test
  void headStartGrowsWithSmallReadsInARowUpToABound() {
    ByteRing ring = ring(MIB);
    List<Integer> answers = new ArrayList<>();
    int headStart = 0;
    for (int i = 0; i < 12; i++) {
      pass(ring, 64 + headStart);
      headStart = ring.headStart(0);
      answers.add(headStart);
    }
    assertThat(answers).containsExactly(0, 1, 3, 7, 15, 31, 63, 127, 128, 128, 128, 128);
  }

  /** As with one thread that writes and reads: it would wait for itself. */
  @Test
  void headStartInVainIsNotRepeatedSoon() {
    ByteRing ring = ring(MIB);
    List<Integer> lengthsOfNone = new ArrayList<>();
    int given = 0;
    int none = 0;
    for (int i = 0; i < 100_000; i++) {
      pass(ring, 64);
      if (ring.headStart(0) == 0) {
        none++;
      } else {
        given++;
        if (none > 0) {
          lengthsOfNone.add(none);
          none = 0;
        }
      }
    }
    assertThat(lengthsOfNone).startsWith(1, 64, 192, 448, 960).contains(8192);
    assertThat(given).isLessThan(200);
  }

  @Test
  void headStartIsGivenAgainOnceReadsFindMore() {
    ByteRing ring = ring(MIB);
    for (int i = 0; i < 2_000; i++) {
      pass(ring, 64);
      ring.headStart(0);
    }
    passing(ring, 2_000, 64);
    pass(ring, 1_000);
    assertThat(ring.headStart(0)).isEqualTo(128);
  }

  @Test
  void headStartShrinksWithLargeReads() {
    ByteRing ring = passing(ring(MIB), 20, 64);
    pass(ring, 16 * KIB);
    assertThat(ring.headStart(0)).isEqualTo(64);
    pass(ring, 16 * KIB);
    assertThat(ring.headStart(0)).isEqualTo(32);
  }

  @Test
  void headStartCountsTheBytesOfARead() {
    ByteRing ring = passing(ring(MIB), 4, 64);
    int before = ring.headStart(0);
    for (int i = 0; i < 100; i++) {
      pass(ring, KIB);
    }
    assertThat(ring.headStart(0)).isGreaterThan(before);
  }

  @Test
  void readThatFoundNothingTakesTheHeadStart() {
    ByteRing ring = passing(ring(MIB), 20, 64);
    assertThat(ring.readable(64)).isZero();
    assertThat(ring.headStart(0)).isZero();
    pass(ring, 64);
    assertThat(ring.headStart(0)).as("may be the only one").isZero();
    pass(ring, 64);
    assertThat(ring.headStart(0)).as("half of it, and a step").isBetween(64, 128);
  }

  @Test
  void readerThatAnswersGivesNoHeadStart() {
    ByteRing ring = passing(ring(MIB), 20, 64);
    for (int answered = 1; answered < 10; answered++) {
      pass(ring, 64);
      assertThat(ring.headStart(answered)).isZero();
    }
  }

  @Test
  void thereIsNoHeadStartWhileBytesAreKnownToBeThere() {
    ByteRing ring = passing(ring(MIB), 20, 64);
    ring.write(ByteBuffer.allocate(KIB));
    ring.readable(KIB);
    assertThat(ring.headStart(0)).isZero();
    ring.read(ByteBuffer.allocate(KIB));
    assertThat(ring.headStart(0)).isPositive();
  }

  // -- memory

  @Test
  void growsWhileNobodyReads() {
    ByteRing ring = ring(MIB);
    long index = 0;
    long[] memoryKib = {1, 1 + 4, 1 + 4 + 16, 1 + 4 + 16 + 32, 1 + 4 + 16 + 32 + 64};
    long[] fullAtKib = {1, 5, 21, 53, 117};
    for (int i = 0; i < memoryKib.length; i++) {
      while (index < fullAtKib[i] * KIB) {
        assertThat(ring.write(Pattern.from(index, KIB))).isEqualTo(KIB);
        index += KIB;
        assertThat(pool.bytesInUse()).isEqualTo(memoryKib[i] * KIB);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {8191, 8192, 8193, 100_000, MIB, MIB + 1})
  void fillsToTheBoundInSmallPiecesAndGivesEverythingInOrder(int capacityBytes) {
    ByteRing ring = ring(capacityBytes);
    long written = 0;
    int taken;
    do {
      taken = ring.write(Pattern.from(written, 1_000));
      written += taken;
    } while (taken == 1_000);
    assertThat(written).isEqualTo(capacityBytes);
    assertThat(pool.bytesInUse()).isLessThanOrEqualTo(4L * capacityBytes);

    ByteBuffer dst = ByteBuffer.allocate(capacityBytes);
    while (ring.read(dst, Math.min(777, dst.remaining())) > 0) {
      assertThat(ring.size()).isEqualTo(dst.remaining());
    }
    Pattern.check(dst.flip(), 0);
  }

  @Test
  void readerGivesBackEachSegmentItHasLeft() {
    ByteRing ring = ring(MIB);
    for (int i = 0; i < 21; i++) {
      ring.write(Pattern.from(i * KIB, KIB));
    }
    assertThat(pool.bytesInUse()).isEqualTo((1 + 4 + 16) * KIB);

    ByteBuffer dst = ByteBuffer.allocate(21 * KIB);
    ring.read(dst, KIB);
    ring.read(dst, 1);
    assertThat(pool.bytesInUse()).isEqualTo((4 + 16) * KIB);
    ring.read(dst, 4 * KIB);
    assertThat(pool.bytesInUse()).isEqualTo(16 * KIB);
    ring.read(dst);
    assertThat(pool.bytesInUse()).isEqualTo(16 * KIB);
    Pattern.check(dst.flip(), 0);
  }

  @Test
  void aDrainedRingKeepsLittleMemoryAndCanBeUsedAgain() {
    ByteRing ring = ring(MIB);
    ByteBuffer dst = ByteBuffer.allocate(100_000);
    for (long index = 0; index < 1_000_000; index += 100_000) {
      ring.write(Pattern.from(index, 100_000));
      ring.read(dst.clear(), 99_999);
      assertThat(ring.isLargeAndEmpty()).isFalse();
      ring.shrinkIfEmpty();
      assertThat(ring.read(dst)).isEqualTo(1);
      Pattern.check(dst.flip(), index);
      assertThat(ring.isLargeAndEmpty()).isTrue();
      ring.shrinkIfEmpty();
      assertThat(ring.hasMemory()).isFalse();
    }
    ring.write(Pattern.from(1_000_000, 1));
    assertThat(pool.bytesInUse()).as("in use lately").isEqualTo(8 * KIB);
    ring.read(dst.clear());
    ring.shrinkIfEmpty();
    assertThat(pool.bytesInUse()).isEqualTo(8 * KIB);
    ring.releaseIfEmpty();
    ring.write(Pattern.from(1_000_001, 1));
    assertThat(pool.bytesInUse()).isEqualTo(512);
  }

  @Test
  void bigWriteTakesOneSegmentThatHoldsIt() {
    ByteRing ring = ring(MIB);

    assertThat(ring.write(Pattern.from(0, 100_000))).isEqualTo(100_000);
    assertThat(pool.bytesInUse()).isEqualTo(128 * KIB);
  }

  @Test
  void firstSegmentIsNotLargerThanTheBound() {
    ByteRing ring = ring(100);

    ring.write(Pattern.from(0, 1));
    assertThat(pool.bytesInUse()).isEqualTo(128);
  }

  @Test
  void staysInOneSegmentWhileTheReaderKeepsUp() {
    ByteRing ring = ring(MIB);
    ByteBuffer dst = ByteBuffer.allocate(3_000);
    for (long index = 0; index < 3_000_000; index += 3_000) {
      assertThat(ring.write(Pattern.from(index, 3_000))).isEqualTo(3_000);
      assertThat(ring.read(dst.clear())).isEqualTo(3_000);
      Pattern.check(dst.flip(), index);
      assertThat(pool.bytesInUse()).isEqualTo(4 * KIB);
    }
  }

  @Test
  void releaseIfEmptyReleasesAnEmptyRingWhichStaysUsable() {
    ByteRing ring = ring(MIB);
    ByteBuffer dst = ByteBuffer.allocate(KIB);
    for (long index = 0; index < 100 * KIB; index += KIB) {
      ring.write(Pattern.from(index, KIB));
      assertThat(ring.read(dst.clear())).isEqualTo(KIB);
      Pattern.check(dst.flip(), index);
      assertThat(ring.hasMemory()).isTrue();
      ring.releaseIfEmpty();
      assertThat(ring.hasMemory()).isFalse();
      assertThat(pool.bytesInUse()).isZero();
    }
    ring.releaseIfEmpty();
    assertThat(ring.totalRead()).isEqualTo(100 * KIB);
  }

  @Test
  void releaseIfEmptyKeepsBytesThatWait() {
    ByteRing ring = ring(MIB);
    ring.write(Pattern.from(0, 100));
    ring.releaseIfEmpty();

    ByteBuffer dst = ByteBuffer.allocate(100);
    assertThat(ring.read(dst)).isEqualTo(100);
    Pattern.check(dst.flip(), 0);
  }

  @Test
  void releaseIfEmptyGivesBackADrainedChainOfSegments() {
    ByteRing ring = ring(MIB);
    for (int i = 0; i < 24; i++) {
      ring.write(Pattern.from(i * KIB, KIB));
    }
    ring.read(ByteBuffer.allocate(24 * KIB));
    ring.releaseIfEmpty();

    assertThat(pool.bytesInUse()).isZero();
  }

  @Test
  void releaseGivesBackAllSegmentsWithWhatWasNotRead() {
    ByteRing ring = ring(MIB);
    for (int i = 0; i < 100; i++) {
      ring.write(Pattern.from(i * KIB, KIB));
    }
    ring.read(ByteBuffer.allocate(KIB));
    ring.release();

    assertThat(pool.bytesInUse()).isZero();
    assertThat(ring.hasMemory()).isFalse();
    ring.release();
    assertThat(pool.bytesInUse()).isZero();
  }

  @Test
  void isIdleIfItIsEmptyAndWasNotWrittenToSinceTheLastLook() {
    ByteRing ring = ring(MIB);
    assertThat(ring.idleSinceLastLook()).as("without memory").isFalse();
    assertThat(ring.idleSinceLastLook()).as("still without memory").isFalse();

    ring.write(Pattern.from(0, 10));
    assertThat(ring.idleSinceLastLook()).as("written to").isFalse();
    assertThat(ring.idleSinceLastLook()).as("not empty").isFalse();
    ring.read(ByteBuffer.allocate(10));
    assertThat(ring.idleSinceLastLook()).as("empty, and not written to meanwhile").isTrue();

    ring.write(Pattern.from(10, 10));
    ring.read(ByteBuffer.allocate(10));
    assertThat(ring.idleSinceLastLook()).as("empty again, but written to").isFalse();
    assertThat(ring.idleSinceLastLook()).as("and not since").isTrue();
  }

  // -- no memory to be had

  private static MemoryPool scarce(Answer<?>... answers) {
    MemoryPool scarce = mock();
    OngoingStubbing<RingMemory> taking = when(scarce.take(anyInt(), anyInt(), anyBoolean()));
    for (Answer<?> answer : answers) {
      taking = taking.thenAnswer(answer);
    }
    return scarce;
  }

  private Object takeEnough(InvocationOnMock call) {
    return pool.take(call.getArgument(0), call.getArgument(1), call.getArgument(2));
  }

  private Object takeLeast(InvocationOnMock call) {
    int least = call.getArgument(1);
    return pool.take(least, least, call.getArgument(2));
  }

  private static Object takeNone(InvocationOnMock call) {
    return null;
  }

  @Test
  void aRingWithoutMemoryIsFullUntilThereIsSome() {
    AtomicInteger woken = new AtomicInteger();
    MemoryPool exhausted = scarce(ByteRingTest::takeNone, ByteRingTest::takeNone, this::takeEnough);
    ByteRing ring = new ByteRing(exhausted, MIB, woken::incrementAndGet);
    rings.add(ring);
    ByteBuffer src = Pattern.from(0, 100);

    assertThat(ring.write(src)).isZero();
    assertThat(src.position()).isZero();
    assertThat(ring.hasRoomFor(1)).isFalse();
    assertThat(ring.isWithoutMemory()).isTrue();
    verify(exhausted).tellWhenThereIs(ring);

    ring.memoryMayBeThere();
    assertThat(woken).hasValue(1);
    assertThat(ring.hasRoomFor(1)).isTrue();
    assertThat(ring.write(src)).isEqualTo(100);
    assertThat(ring.isWithoutMemory()).isFalse();
  }

  /** The block may be another connection's by then. */
  @Test
  void aSegmentWhoseReleaseFailsIsNotReleasedAgain() {
    MemoryPool failing = spy(pool);
    ByteRing ring = ringOfTwoSegments(failing);
    ByteBuffer read = ByteBuffer.allocate(5_512);

    assertThatThrownBy(() -> ring.read(read)).isInstanceOf(OutOfMemoryError.class);
    ring.read(read);

    assertThat(read.flip()).isEqualTo(Pattern.from(0, 5_512));
  }

  @Test
  void segmentsBehindOneWhoseReleaseFailsAreReleased() {
    ByteRing ring = ringOfTwoSegments(spy(pool));

    assertThatThrownBy(ring::release).isInstanceOf(OutOfMemoryError.class);

    assertThat(pool.bytesInUse()).isZero();
  }

  /** The pool fails when it has taken the first block back. */
  private ByteRing ringOfTwoSegments(MemoryPool failing) {
    ByteRing ring = new ByteRing(failing, MIB);
    rings.add(ring);
    ring.write(Pattern.from(0, 512));
    ring.write(Pattern.from(512, 5_000));
    doAnswer(
            call -> {
              call.callRealMethod();
              throw new OutOfMemoryError("as it were");
            })
        .doCallRealMethod()
        .when(failing)
        .giveBack(any());
    return ring;
  }

  @Test
  void memoryThatComesBackJustBeforeTheWriterWaitsIsTaken() {
    ByteRing ring = new ByteRing(scarce(ByteRingTest::takeNone, this::takeEnough), MIB);
    rings.add(ring);

    assertThat(ring.write(Pattern.from(0, 100))).isEqualTo(100);
    assertThat(ring.waits()).isFalse();
    assertThat(ring.hasRoomFor(1)).isTrue();
  }

  @Test
  void aRingThatCannotGrowContinuesWhenItWasRead() {
    ByteRing ring =
        new ByteRing(
            scarce(
                this::takeLeast,
                ByteRingTest::takeNone,
                ByteRingTest::takeNone,
                ByteRingTest::takeNone),
            MIB);
    rings.add(ring);
    ByteBuffer src = Pattern.from(0, 10_000);

    assertThat(ring.write(src)).isEqualTo(512);
    assertThat(src.position()).isEqualTo(512);
    assertThat(ring.hasRoomFor(1)).isFalse();
    ByteBuffer dst = ByteBuffer.allocate(10_000);
    ring.read(dst, 127);
    assertThat(ring.hasRoomFor(1)).as("not for a few bytes").isFalse();
    ring.read(dst, 1);
    assertThat(ring.hasRoomFor(1)).isTrue();
    assertThat(ring.write(src)).isEqualTo(128);
    while (src.hasRemaining() || ring.size() > 0) {
      ring.read(dst, Math.min(100, dst.remaining()));
      ring.write(src);
    }
    Pattern.check(dst.flip(), 0);
    assertThat(dst.limit()).isEqualTo(10_000);
  }

  private static int peek(ByteRing ring, ByteBuffer dst, int limit) {
    int count = ring.readable(Math.min(limit, dst.remaining()));
    ring.peek(ByteTarget.of(dst), count);
    return count;
  }
}
