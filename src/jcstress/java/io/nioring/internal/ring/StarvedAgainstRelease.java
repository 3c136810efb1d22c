package io.nioring.internal.ring;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * A writer that finds no memory while a block is given back: it has got it at its second try, or is
 * told that there may be some.
 */
@JCStressTest
@Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "written, and nobody had to be told")
@Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "written, and told of it too")
@Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "told")
@Outcome(expect = FORBIDDEN, desc = "waits for ever beside the memory")
@State
public class StarvedAgainstRelease {
  private static final long LONGEST_SECONDS = 10;

  private final MemoryPool pool = new MemoryPool(new Arenas(new ScarceSource(1)));
  private final RingMemory all = pool.take(ScarceSource.CHUNK_BYTES, 1, false);
  private final CountDownLatch told = new CountDownLatch(1);
  private final ByteRing ring = new ByteRing(pool, 64, told::countDown);

  @Actor
  public void writer(II_Result result) {
    result.r1 = ring.write(ByteBuffer.allocate(1));
  }

  @Actor
  public void releaser() {
    all.release();
  }

  @Arbiter
  public void afterwards(II_Result result) throws InterruptedException {
    if (result.r1 == 0) {
      told.await(LONGEST_SECONDS, TimeUnit.SECONDS);
    }
    result.r2 = told.getCount() == 0 ? 1 : 0;
    ring.release();
  }
}
