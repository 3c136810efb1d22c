package io.nioring.internal.ring;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * A writer whose ring cannot grow while a reader makes room in what there is. Each looks after its
 * own step, as a waiting writer and a reader that wakes it do: one of them sees the room.
 *
 * <p>The figures are what was written, and whether the writer and the reader saw room.
 */
@JCStressTest
@Outcome(id = "1, ., .", expect = ACCEPTABLE, desc = "written")
@Outcome(id = "0, 1, .", expect = ACCEPTABLE, desc = "the writer saw room before it waited")
@Outcome(id = "0, 0, 1", expect = ACCEPTABLE, desc = "the reader woke it")
@Outcome(expect = FORBIDDEN, desc = "the wake-up was lost")
@State
public class StarvedAgainstRead {
  private static final int SEGMENT = ScarceSource.CHUNK_BYTES;

  /** One for all: the thread that looks for memory is one for each kind of memory. */
  private static final ScarceSource SOURCE = new ScarceSource();

  private static final MemoryPool POOL = new MemoryPool(new Arenas(SOURCE));

  private final ByteRing ring = new ByteRing(POOL, 4 * SEGMENT);

  /** Fills the only segment that the ring gets. */
  public StarvedAgainstRead() {
    SOURCE.serve(() -> ring.write(ByteBuffer.allocate(SEGMENT)));
  }

  @Actor
  public void writer(III_Result result) {
    result.r1 = ring.write(ByteBuffer.allocate(1));
    VarHandle.fullFence();
    result.r2 = ring.hasRoomFor(1) ? 1 : 0;
  }

  @Actor
  public void reader(III_Result result) {
    ring.read(ByteBuffer.allocate(SEGMENT));
    VarHandle.fullFence();
    result.r3 = ring.hasRoomFor(1) ? 1 : 0;
  }

  @Arbiter
  public void afterwards() {
    ring.release();
  }
}
