package io.nioring.internal.ring;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class MemoryWaitersTest {
  private static final long WAIT_SECONDS = 60;

  @Test
  void heapThatIsShortWhileTheThreadLooksEndsNoWait() throws Exception {
    FailingSource source = new FailingSource(2);
    Waiter waiter = new Waiter();

    new Arenas(source).waiters().add(waiter);

    assertThat(waiter.told.await(WAIT_SECONDS, TimeUnit.SECONDS)).isTrue();
    assertThat(source.failuresLeft.get()).isNegative();
  }

  @Test
  void failureOfAWaiterDoesNotAffectTheOthers() throws Exception {
    MemoryWaiters waiters = new Arenas(new FailingSource(1)).waiters();
    Waiter second = new Waiter();

    waiters.add(
        new Waiter() {
          @Override
          public void memoryMayBeThere() {
            throw new OutOfMemoryError("as it were");
          }
        });
    waiters.add(second);

    assertThat(second.told.await(WAIT_SECONDS, TimeUnit.SECONDS)).isTrue();
  }

  /** Waits until it is told. */
  private static class Waiter implements MemoryWaiter {
    final CountDownLatch told = new CountDownLatch(1);

    @Override
    public boolean waits() {
      return told.getCount() > 0;
    }

    @Override
    public boolean wantsFirstBlock() {
      return false;
    }

    @Override
    public void memoryMayBeThere() {
      told.countDown();
    }
  }

  /** A system that has memory, but some of the first questions find no room in the heap. */
  private static final class FailingSource implements ChunkSource {
    final AtomicInteger failuresLeft;

    FailingSource(int failures) {
      failuresLeft = new AtomicInteger(failures);
    }

    @Override
    public int chunkBytes() {
      return 1 << 16;
    }

    @Override
    public ChunkMemory allocate(int sizeBytes, boolean first) {
      return null;
    }

    @Override
    public boolean mayAllocate(int sizeBytes, boolean first) {
      if (failuresLeft.getAndDecrement() > 0) {
        throw new OutOfMemoryError("as it were");
      }
      return true;
    }

    @Override
    public void prepare() {
      // Nothing here takes long to start.
    }

    @Override
    public void search() {
      // There is nothing to be found.
    }

    @Override
    public String limit() {
      return "the test's";
    }
  }
}
