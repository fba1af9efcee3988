#include "textflag.h"

// func fused4x8(k int, a *float64, rowStep, step int, b, c *float64)
//
// c[i][j] += Σ_l a[i·rowStep + l·step] · b[l][j], 0 ≤ i < 4, 0 ≤ j < 8, l from 0 up, each product and sum rounded
// once; b and c have rows of 64, the steps are in bytes.
TEXT ·fused4x8(SB), NOSPLIT, $0-48
	MOVQ k+0(FP), CX
	MOVQ a+8(FP), SI
	MOVQ rowStep+16(FP), R8
	MOVQ step+24(FP), R9
	MOVQ b+32(FP), DX
	MOVQ c+40(FP), DI
	LEAQ (R8)(R8*2), R10 // three rows of a

	VMOVUPD (DI), Y0
	VMOVUPD 32(DI), Y1
	VMOVUPD 512(DI), Y2
	VMOVUPD 544(DI), Y3
	VMOVUPD 1024(DI), Y4
	VMOVUPD 1056(DI), Y5
	VMOVUPD 1536(DI), Y6
	VMOVUPD 1568(DI), Y7

	TESTQ CX, CX
	JZ    done

loop:
	VMOVUPD      (DX), Y8
	VMOVUPD      32(DX), Y9
	VBROADCASTSD (SI), Y10
	VBROADCASTSD (SI)(R8*1), Y11
	VBROADCASTSD (SI)(R8*2), Y12
	VBROADCASTSD (SI)(R10*1), Y13
	VFMADD231PD  Y8, Y10, Y0
	VFMADD231PD  Y9, Y10, Y1
	VFMADD231PD  Y8, Y11, Y2
	VFMADD231PD  Y9, Y11, Y3
	VFMADD231PD  Y8, Y12, Y4
	VFMADD231PD  Y9, Y12, Y5
	VFMADD231PD  Y8, Y13, Y6
	VFMADD231PD  Y9, Y13, Y7
	ADDQ         R9, SI
	ADDQ         $512, DX
	DECQ         CX
	JNZ          loop

done:
	VMOVUPD Y0, (DI)
	VMOVUPD Y1, 32(DI)
	VMOVUPD Y2, 512(DI)
	VMOVUPD Y3, 544(DI)
	VMOVUPD Y4, 1024(DI)
	VMOVUPD Y5, 1056(DI)
	VMOVUPD Y6, 1536(DI)
	VMOVUPD Y7, 1568(DI)
	VZEROUPPER
	RET
