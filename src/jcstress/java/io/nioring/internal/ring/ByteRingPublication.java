package io.nioring.internal.ring;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.nio.ByteBuffer;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * Bytes are there when the tail that covers them is seen, in the first segment and in the one that
 * is linked when it is full. The writer adds two bytes around the edge of the first segment; the
 * reader counts what it gets of them and checks each.
 */
@JCStressTest
@Outcome(id = "0, 0, 2", expect = ACCEPTABLE, desc = "read after both looks")
@Outcome(id = "0, 1, 1", expect = ACCEPTABLE, desc = "the first byte at the second look")
@Outcome(id = "0, 2, 0", expect = ACCEPTABLE, desc = "both at the second look")
@Outcome(id = "1, 0, 1", expect = ACCEPTABLE, desc = "the first byte at the first look")
@Outcome(id = "1, 1, 0", expect = ACCEPTABLE, desc = "one at each look")
@Outcome(id = "2, 0, 0", expect = ACCEPTABLE, desc = "both at the first look")
@Outcome(expect = FORBIDDEN, desc = "a byte was lost, or seen before it was written")
@State
public class ByteRingPublication {
  private static final MemoryPool POOL = new MemoryPool(false);
  private static final int FIRST_SEGMENT = 8 * 1024;
  private static final int WRONG = 99;

  private final ByteRing ring = new ByteRing(POOL, 4 * FIRST_SEGMENT);

  /** Leaves one byte of the first segment free, and nothing to read. */
  public ByteRingPublication() {
    ring.write(ByteBuffer.allocate(FIRST_SEGMENT));
    ring.read(ByteBuffer.allocate(FIRST_SEGMENT - 1));
    ring.write(ByteBuffer.allocate(FIRST_SEGMENT - 2));
    ring.read(ByteBuffer.allocate(1));
  }

  @Actor
  public void writer() {
    ring.write(ByteBuffer.wrap(new byte[] {1}));
    ring.write(ByteBuffer.wrap(new byte[] {2}));
  }

  @Actor
  public void reader(III_Result result) {
    result.r1 = look(0);
    result.r2 = look(result.r1);
  }

  @Arbiter
  public void rest(III_Result result) {
    result.r3 = look(result.r1 + result.r2);
    ring.release();
  }

  /** Reads what is there behind the old bytes; returns how many new ones, or that one is wrong. */
  private int look(int seenBefore) {
    skipOld();
    ByteBuffer bytes = ByteBuffer.allocate(4);
    int count = ring.read(bytes);
    for (int i = 0; i < count; i++) {
      if (bytes.get(i) != seenBefore + i + 1) {
        return WRONG;
      }
    }
    return count;
  }

  private void skipOld() {
    int old = (int) (2L * FIRST_SEGMENT - 2 - ring.totalRead());
    if (old > 0) {
      ring.read(ByteBuffer.allocate(old));
    }
  }
}
