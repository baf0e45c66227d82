#!/bin/bash
# A study in parts, one for each task of a job array; the parts know nothing of each other.
#
#     mkdir parts
#     sbatch --array=1-8 parts.sh my_study.toml parts
#     workbench collect results parts/*          # when all have ended
#
# A task that was killed goes on where it was: sbatch --array=3 gives another count of parts, so give it as well:
#
#     sbatch --array=3 --export=ALL,PARTS=8 parts.sh my_study.toml parts
#
#SBATCH --job-name=study
#SBATCH --cpus-per-task=8
#SBATCH --mem=16G
#SBATCH --time=12:00:00
#SBATCH --output=study_%A_%a.txt
set -eu
study=$1
out=$2
part=$SLURM_ARRAY_TASK_ID/${PARTS:-$SLURM_ARRAY_TASK_COUNT}

# Networks are compiled for the processor of the node, on its own disk.
export WORKBENCH_CACHE=${SLURM_TMPDIR:-/tmp}/workbench-$(id -u)

exec workbench run "$study" --out "$out/$SLURM_ARRAY_TASK_ID" --shard "$part" --jobs "$SLURM_CPUS_PER_TASK"
