package io.nioring.internal.ring;

import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.socket.ByteTarget;
import io.nioring.testkit.Background;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A writing and a reading thread, with every byte compared. */
@SuppressWarnings("ThreadPriorityCheck") // a yield only shortens the wait
class ByteRingTransferTest {
  private static final long WAIT_SECONDS = 60;

  private volatile boolean givenUp;

  @ParameterizedTest
  @CsvSource({
    "1, 600, 8, false",
    "2, 600, 8, true",
    "3, 600, 8, false",
    "100, 50_000, 300, true",
    "8191, 2_000_000, 20_000, false",
    "8192, 2_000_000, 20_000, true",
    "8193, 2_000_000, 20_000, false",
    "65_536, 4_000_000, 300_000, true",
    "65_537, 4_000_000, 300_000, false",
    "131_073, 8_000_000, 300_000, true",
    "1_048_576, 8_000_000, 1_500_000, true",
    "1_048_576, 8_000_000, 40_000, false"
  })
  void everyByteArrivesOnceAndInOrder(String capacity, String total, String largest, boolean direct)
      throws Exception {
    long seed = ThreadLocalRandom.current().nextLong();
    try {
      transfer(number(capacity), number(total), number(largest), direct, seed);
    } catch (Throwable e) {
      throw new AssertionError("seed " + seed, e);
    }
  }

  private static int number(String text) {
    return Integer.parseInt(text.replace("_", ""));
  }

  private void transfer(int capacity, int total, int largest, boolean direct, long seed)
      throws Exception {
    MemoryPool pool = new MemoryPool(direct);
    long first = Long.MAX_VALUE - total / 2; // the indexes wrap half-way
    ByteRing ring = new ByteRing(pool, capacity, first);

    Background<Void> writing = start(() -> write(ring, first, total, largest, new Random(seed)));
    Background<Void> reading = start(() -> read(ring, first, total, largest, new Random(~seed)));
    Background<Void> watching = start(() -> watch(ring, reading));
    try {
      writing.get(WAIT_SECONDS, TimeUnit.SECONDS);
      reading.get(WAIT_SECONDS, TimeUnit.SECONDS);
      watching.get(WAIT_SECONDS, TimeUnit.SECONDS);
    } finally {
      givenUp = true;
    }

    assertThat(ring.size()).isZero();
    ring.release();
    assertThat(pool.bytesInUse()).isZero();
  }

  private Void write(ByteRing ring, long first, int total, int largest, Random random) {
    long index = first;
    while (index - first < total && !givenUp) {
      int size = (int) Math.min(1 + random.nextInt(largest), total - (index - first));
      ByteBuffer src = Pattern.from(index, size);
      index += size;
      while (src.hasRemaining() && !givenUp) {
        if (ring.write(src, random.nextBoolean() ? () -> {} : null) == 0) {
          Thread.yield();
        }
      }
    }
    return null;
  }

  private Void read(ByteRing ring, long first, int total, int largest, Random random) {
    ByteBuffer dst = ByteBuffer.allocate(largest);
    long index = first;
    while (index - first < total && !givenUp) {
      int limit = 1 + random.nextInt(largest);
      dst.clear();
      if (random.nextInt(8) == 0) {
        ring.peek(ByteTarget.of(dst), ring.readable(Math.min(limit, dst.remaining())));
        Pattern.check(dst.flip(), index);
        dst.clear();
      }
      int count = ring.read(dst, limit);
      Pattern.check(dst.flip(), index);
      index += count;
      if (count == 0) {
        Thread.yield();
      }
    }
    return null;
  }

  /** A third thread may ask for the fill level at any time. */
  private Void watch(ByteRing ring, Background<Void> reading) {
    while (!reading.isDone() && !givenUp) {
      int size = ring.size();
      if (size < 0 || size > ring.capacity()) {
        throw new AssertionError("size " + size + " of capacity " + ring.capacity());
      }
      Thread.yield();
    }
    return null;
  }

  private Background<Void> start(Callable<Void> body) {
    Background<Void> task =
        Background.run(
            () -> {
              try {
                return body.call();
              } catch (Throwable e) {
                givenUp = true; // the others shall not wait for ever
                throw e;
              }
            });
    return task;
  }
}
