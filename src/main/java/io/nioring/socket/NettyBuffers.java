package io.nioring.socket;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;

/** Tells Netty's own buffers from those of others. */
final class NettyBuffers {
  /** A buffer that is not Netty's gets so much at a time. */
  static final int COPY_BYTES = 8 * 1024;

  private static final String PACKAGE = ByteBuf.class.getPackageName();
  private static final ClassLoader LOADER = ByteBuf.class.getClassLoader();

  /** A composite one that does not tell what it is made of; the class is not public. */
  private static final String WITH_HIDDEN_PARTS = PACKAGE + ".FixedCompositeByteBuf";

  private NettyBuffers() {}

  /**
   * Whether no code but Netty's runs when the bytes of a buffer are moved. A {@link ByteBuf} may be
   * of anybody's class, and wrap one: such a class could keep the view of ring memory that it is
   * handed, or leave what it does not fill, and so see or send bytes of other connections.
   */
  static boolean isOfNetty(ByteBuf buffer) {
    for (ByteBuf each = buffer; each != null; each = each.unwrap()) {
      if (each.getClass().getClassLoader() != LOADER
          || !each.getClass().getPackageName().equals(PACKAGE)
          || each.getClass().getName().equals(WITH_HIDDEN_PARTS)) {
        return false;
      }
      if (each instanceof CompositeByteBuf composite) {
        return areOfNetty(composite);
      }
    }
    return true;
  }

  private static boolean areOfNetty(CompositeByteBuf composite) {
    for (int i = 0; i < composite.numComponents(); i++) {
      if (!isOfNetty(composite.internalComponent(i))) {
        return false;
      }
    }
    return true;
  }
}
